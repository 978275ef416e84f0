import { html } from 'hono/html'
import { z } from 'zod'
import { CANARIES_FACT } from '../../../jobs/governance-canaries.ts'
import type { StoredWaiver, VerdictHead } from '../../../ports/store.ts'
import { badge, type Tile, tiles, when } from '../bits.ts'
import { type Chart, chartFigure } from '../chart.ts'
import type { Markup } from '../markup.ts'
import type { DashboardParts } from '../parts.ts'
import { countText } from '../words.ts'

const SHOWN = 50
const CURVE = 1_000
const MOST_WAIVERS = 50
const MONTH_MS = 30 * 86_400_000

const canaryFact = z.object({
  at: z.number(),
  dead: z.array(z.object({ rule: z.string(), said: z.string(), message: z.string() })),
})

export interface GovernanceModel {
  readonly now: number
  readonly repository: string | undefined
  readonly verdicts: readonly VerdictHead[]
  readonly older: number | undefined
  readonly curve: readonly VerdictHead[]
  readonly waivers: readonly StoredWaiver[]
  readonly canaries: z.infer<typeof canaryFact> | undefined
}

const governanceQuery = z.object({
  repository: z.string().trim().min(1).max(200).optional().catch(undefined),
  before: z.coerce.number().int().positive().optional().catch(undefined),
})

export async function readGovernance(
  { store, clock }: DashboardParts,
  query: Readonly<Record<string, string>>,
): Promise<GovernanceModel> {
  const { repository, before } = governanceQuery.parse(query)
  const [page, curve, waivers, canaries] = await Promise.all([
    store.governance.listVerdictHeads(repository, SHOWN + 1, before),
    store.governance.listVerdictHeads(repository, CURVE),
    store.governance.listRecentWaivers(MOST_WAIVERS),
    store.facts.get(CANARIES_FACT),
  ])
  const verdicts = page.slice(0, SHOWN)
  return {
    now: clock.now(),
    repository,
    verdicts,
    older: page.length > SHOWN ? verdicts.at(-1)?.createdAt : undefined,
    curve,
    waivers,
    canaries: canaryFact.safeParse(canaries).data,
  }
}

export function governanceView(model: GovernanceModel): Markup {
  const { now, repository, older, waivers } = model
  return html`
<section id="standing" data-live aria-label="Numbers">${tiles(standing(model))}</section>
<section id="canaries" data-live aria-label="Rule canaries">${canaryLine(model)}</section>
${chartFigure(driftCurve(model.curve))}
<form method="get" action="/dashboard/governance" class="filters card" role="search" aria-label="Filter verdicts"><label>Repository <input name="repository" value="${repository ?? ''}" placeholder="owner/name" spellcheck="false"></label> <button>Filter</button> <a class="button quiet" href="/dashboard/governance">Clear</a></form>
<section id="verdicts" data-live aria-labelledby="verdicts-title">
<h2 id="verdicts-title">Verdicts</h2>
${verdictTable(model)}
${older === undefined ? '' : html`<nav class="pager" aria-label="More verdicts"><a class="button" rel="next" href="/dashboard/governance?${new URLSearchParams({ ...(repository === undefined ? {} : { repository }), before: String(older) }).toString()}">Older</a></nav>`}
</section>
<h2>Waivers</h2>
${
  waivers.length === 0
    ? html`<p class="empty card">Nobody has waived a rule.</p>`
    : html`<div class="scroll card" tabindex="0" role="region" aria-label="Waivers"><table><thead><tr><th scope="col">Rule</th><th scope="col">Pull request</th><th scope="col">By</th><th scope="col">Reason</th><th scope="col">When</th></tr></thead>
<tbody>${waivers.map((waiver) => html`<tr><th scope="row"><code>${waiver.rule}</code></th><td>${waiver.repository}#${waiver.pullRequest} <code>${waiver.headSha.slice(0, 7)}</code></td><td class="strange">${waiver.by}</td><td class="strange">${waiver.reason}</td><td>${when(waiver.at, now)}</td></tr>`)}</tbody></table></div>`
}`
}

/** How pull requests stand by their newest verdict, in the window that the curve shows. */
function standing({ curve, waivers, canaries, now }: GovernanceModel): readonly Tile[] {
  const newest = new Map<string, VerdictHead>()
  for (const head of [...curve].reverse()) newest.set(`${head.repository}#${head.pullRequest}`, head)
  const heads = [...newest.values()]
  const held = heads.filter(({ conclusion }) => conclusion === 'failure' || conclusion === 'error').length
  const drift = heads.reduce((sum, head) => sum + head.drift, 0)
  const recent = waivers.filter(({ at }) => at > now - MONTH_MS).length
  const tile = (
    label: string,
    value: number,
    note: string,
    mood: Tile['mood'] = value === 0 ? 'good' : 'warn',
  ): Tile => ({
    label,
    value: value.toLocaleString('en-US'),
    note,
    mood,
    share: null,
  })
  return [
    tile('Held', held, `of ${countText(heads.length, 'pull request')} judged`),
    tile('Plan drift', drift, 'open plan rules, target 0'),
    tile('Waivers', recent, 'in 30 days', 'plain'),
    canaries === undefined
      ? { ...tile('Dead rules', 0, 'canaries have not run yet', 'plain'), value: '–' }
      : tile(
          'Dead rules',
          canaries.dead.length,
          'canaries that got through',
          canaries.dead.length > 0 ? 'bad' : 'good',
        ),
  ]
}

function canaryLine({ canaries, now }: GovernanceModel): Markup {
  if (canaries === undefined)
    return html`<p class="faint small">Rule canaries run every hour: known-bad changes that every rule must stop.</p>`
  const { at, dead } = canaries
  if (dead.length === 0)
    return html`<p class="notice good">Every rule still blocks what it must block: known-bad changes were tried ${when(at, now)}.</p>`
  return html`<div class="notice bad" role="alert"><p>Rules that no longer block what they must, tried ${when(at, now)}:</p><ul>${dead.map((canary) => html`<li><code>${canary.rule}</code> said ${canary.said}: <span class="strange">${canary.message}</span></li>`)}</ul></div>`
}

/** Per day: the drift of the pull requests judged then, each by its last verdict of the day. */
function driftCurve(heads: readonly VerdictHead[]): Chart {
  const days = new Map<string, Map<string, number>>()
  for (const { createdAt, repository, pullRequest, drift } of [...heads].reverse()) {
    const day = new Date(createdAt).toISOString().slice(0, 10)
    const ofDay = days.get(day) ?? new Map<string, number>()
    days.set(day, ofDay.set(`${repository}#${pullRequest}`, drift))
  }
  return {
    id: 'drift',
    title: 'Plan drift of the pull requests judged that day, target 0',
    kind: 'bars',
    unit: '',
    x: 'day',
    target: null,
    head: ['Day', 'Drift'],
    rows: [...days].map(([day, drifts]) => {
      const drift = [...drifts.values()].reduce((sum, value) => sum + value, 0)
      return [
        { text: day, value: Date.parse(day) / 1000 },
        { text: `${drift} in ${drifts.size}`, value: drift },
      ]
    }),
  }
}

function verdictTable({ verdicts, now }: GovernanceModel): Markup {
  if (verdicts.length === 0) return html`<p class="empty card">No pull request was judged yet.</p>`
  return html`<div class="scroll card" tabindex="0" role="region" aria-label="Verdicts"><table><thead><tr><th scope="col">Pull request</th><th scope="col">Conclusion</th><th scope="col" class="number">Drift</th><th scope="col" class="wide-only">Head</th><th scope="col">When</th></tr></thead>
<tbody>${verdicts.map((verdict) => html`<tr><th scope="row"><a href="/dashboard/verdicts/${encodeURIComponent(verdict.id)}">${verdict.repository}${verdict.pullRequest === null ? ' (merge group)' : `#${verdict.pullRequest}`}</a></th><td>${badge(verdict.conclusion)}</td><td class="number">${verdict.drift}</td><td class="wide-only"><code>${verdict.headSha.slice(0, 7)}</code></td><td>${when(verdict.createdAt, now)}</td></tr>`)}</tbody></table></div>`
}
