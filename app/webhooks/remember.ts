import { z } from 'zod'
import { citedTaskIds } from '../../governance/citations.ts'
import { factKeys } from '../../jobs/snapshot/fact-keys.ts'
import { type PullRequestEvents, pullRequestEvents, pushesFact, shaList } from '../../jobs/snapshot/event-facts.ts'
import type { FactStore } from '../../ports/store.ts'
import type { EventFact } from './intent.ts'

const MAX_HEADS = 50
const MAX_PUSHES = 200
const NOTHING_KNOWN: PullRequestEvents = { pushers: [], heads: [], place: null }

/** Keeps what only an event tells. Saying it twice changes nothing; only one worker writes, so nothing is lost in between. */
export async function remember(facts: FactStore, name: string, fact: EventFact): Promise<void> {
  switch (fact.kind) {
    case 'pusher': {
      const key = factKeys.pushers(name, fact.number)
      const known = pullRequestEvents.safeParse(await facts.get(key)).data ?? NOTHING_KNOWN
      await facts.set(key, withPush(known, fact))
      return
    }
    case 'push': {
      const key = factKeys.pushes(name)
      const known = pushesFact.safeParse(await facts.get(key)).data ?? []
      if (known.some(({ sha, branch }) => sha === fact.sha && branch === fact.branch)) return
      const { sha, branch, pushedBy, pushedAt, message } = fact
      const push = { sha, branch, pushedBy, pushedAt: utc(pushedAt), tasks: [...citedTaskIds(message, '')] }
      await facts.set(key, [push, ...known].slice(0, MAX_PUSHES))
      return
    }
    case 'merge':
      return addTo(facts, factKeys.merges(name), fact.sha, MAX_PUSHES)
    case 'place': {
      const key = factKeys.pushers(name, fact.number)
      const known = pullRequestEvents.safeParse(await facts.get(key)).data ?? NOTHING_KNOWN
      const moved = withPlace(known, fact)
      if (moved !== known) await facts.set(key, moved)
      return addTo(facts, factKeys.bases(name), fact.baseRef, MAX_PUSHES)
    }
    case 'branches':
      return facts.delete(factKeys.branches(name))
    case 'status':
      return facts.set(factKeys.statuses(name), { used: true })
  }
}

async function addTo(facts: FactStore, key: string, value: string, max: number): Promise<void> {
  const known = shaList.safeParse(await facts.get(key)).data ?? []
  if (!known.includes(value)) await facts.set(key, [value, ...known].slice(0, max))
}

function withPush(known: PullRequestEvents, fact: Extract<EventFact, { kind: 'pusher' }>): PullRequestEvents {
  const { login, type, headSha } = fact
  const isNew = !known.pushers.some((pusher) => pusher.login === login)
  const head = { sha: headSha, at: Date.parse(fact.at) }
  const heads = known.heads.some(({ sha }) => sha === headSha)
    ? known.heads
    : [head, ...known.heads].slice(0, MAX_HEADS)
  return { ...known, pushers: isNew ? [...known.pushers, { login, type }] : known.pushers, heads }
}

function withPlace(known: PullRequestEvents, fact: Extract<EventFact, { kind: 'place' }>): PullRequestEvents {
  const { place: last } = known
  if (!fact.isOpen) return last === null ? known : { ...known, place: null }
  const place = { headSha: fact.headSha, baseRef: fact.baseRef, at: Date.parse(fact.at) }
  if (last !== null && last.at > place.at) return known
  return last?.headSha === place.headSha && last.baseRef === place.baseRef ? known : { ...known, place }
}

/** Commit times carry the writer's zone. */
function utc(time: string): string {
  return z.iso.datetime({ offset: true }).safeParse(time).success
    ? new Date(time).toISOString()
    : new Date(0).toISOString()
}
