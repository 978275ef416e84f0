import { html } from 'hono/html'
import type { ApiKeyRow, JobStore } from '../../ports/store.ts'
import { when } from './bits.ts'
import type { Markup } from './markup.ts'
import { moneyText } from './words.ts'

/** Each costs a question to the store. */
const MOST_KEYS = 50

export interface KeySpending {
  readonly key: ApiKeyRow
  readonly used: Awaited<ReturnType<JobStore['countByUser']>>
}

/** What each living key asked for and spent since `since`, the most expensive first. */
export async function readKeySpending(
  store: { readonly jobs: Pick<JobStore, 'countByUser'>; readonly keys: { list(): Promise<readonly ApiKeyRow[]> } },
  since: number,
): Promise<readonly KeySpending[]> {
  const living = (await store.keys.list()).filter(({ revokedAt }) => revokedAt === null).slice(-MOST_KEYS)
  const all = await Promise.all(
    living.map(async (key) => ({ key, used: await store.jobs.countByUser(`key:${key.name}`, since) })),
  )
  return all.sort((one, other) => other.used.costMicroUsd - one.used.costMicroUsd)
}

export function keyTable(all: readonly KeySpending[], now: number): Markup {
  if (all.length === 0)
    return html`<p class="empty card">There is no key: <code>devloop keys create NAME</code> makes one.</p>`
  return html`<div class="scroll card" tabindex="0" role="region" aria-label="Per key"><table><caption class="hidden">What each key spent this month</caption>
<thead><tr><th scope="col">Key</th><th scope="col" class="number">Calls</th><th scope="col" class="number">Spent</th><th scope="col" class="number">Limit</th><th scope="col" class="wide-only">Last used</th></tr></thead>
<tbody>${all.map(
    ({ key, used }) =>
      html`<tr><th scope="row" class="strange">${key.name}</th><td class="number">${used.created.toLocaleString('en-US')}</td><td class="number">${moneyText(used.costMicroUsd)}</td><td class="number">${key.monthlyMicroUsd === null ? 'none' : moneyText(key.monthlyMicroUsd)}</td><td class="wide-only">${key.lastUsedAt === null ? 'never' : when(key.lastUsedAt, now)}</td></tr>`,
  )}</tbody></table></div>`
}
