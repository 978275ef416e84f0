import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { notVisibleHere, type Snapshot, seen } from '../../governance/snapshot.ts'
import { agentReviewsOf } from './agent-reviews.ts'
import { pullRequestEvents, pushesFact, shaList } from './event-facts.ts'
import { factKeys } from './fact-keys.ts'
import type { Place } from './place.ts'
import type { GithubWorld } from './world.ts'

const DIRECT_PUSH_DAYS = 14
const DAY_MS = 86_400_000

type Memory = Pick<Snapshot, 'pushers' | 'directPushes' | 'agentReviews' | 'waivers'>

/** What lies in our own store about the place of a pull request; null in a world without one. */
export async function readStored(world: GithubWorld, { number, headSha }: Place) {
  const { memory, github } = world
  if (memory === null) return null
  const { name } = github.ref
  const [events, waivers, agentReviews, pushes, merges] = await Promise.all([
    memory.facts.get(factKeys.pushers(name, number)),
    memory.governance.listWaivers(name, number, headSha),
    world.appLogin === null ? [] : agentReviewsOf(memory.reviews, name, number, world.appLogin),
    memory.facts.get(factKeys.pushes(name)),
    memory.facts.get(factKeys.merges(name)),
  ])
  return { events, waivers, agentReviews, pushes, merges }
}
export type Stored = Awaited<ReturnType<typeof readStored>>

/** What only webhooks and our own store know of a pull request. */
export async function memoryOf(world: GithubWorld, config: ResolvedConfig, stored: Stored): Promise<Memory> {
  if (stored === null) {
    return {
      pushers: notVisibleHere('who pushed is told by webhooks only'),
      directPushes: notVisibleHere('direct pushes are told by webhooks only'),
      agentReviews: notVisibleHere('reviews by DevLoop are remembered by its server only'),
      waivers: notVisibleHere('waivers are remembered by the DevLoop server only'),
    }
  }
  const { access } = world.github
  const pushers = pullRequestEvents.safeParse(stored.events).data?.pushers ?? []
  return {
    pushers: seen(pushers.map((pusher) => ({ ...pusher, email: null }))),
    directPushes: seen(directPushes(stored, config, world.clock.now())),
    agentReviews: seen(stored.agentReviews),
    waivers: seen(
      await Promise.all(
        stored.waivers.map(async (waiver) => ({
          rule: waiver.rule,
          headSha: waiver.headSha,
          reason: waiver.reason,
          by: waiver.by,
          // Asked again each time: who lost the permission no longer waives.
          permission: await access.permission(waiver.by),
          at: new Date(waiver.at).toISOString(),
        })),
      ),
    ),
  }
}

/** Pushes to main and staging of the last days that no merge of a pull request made. */
function directPushes(stored: NonNullable<Stored>, { governance }: ResolvedConfig, now: number) {
  const { main, staging } = governance.branches
  const merged = new Set(shaList.safeParse(stored.merges).data ?? [])
  const oldest = now - DIRECT_PUSH_DAYS * DAY_MS
  return (pushesFact.safeParse(stored.pushes).data ?? []).filter(
    ({ sha, branch, pushedAt }) =>
      (branch === main || branch === staging) && !merged.has(sha) && Date.parse(pushedAt) >= oldest,
  )
}
