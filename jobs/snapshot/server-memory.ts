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

/** What only webhooks and our own store know of a pull request. */
export async function readMemory(
  world: GithubWorld,
  config: ResolvedConfig,
  { number, headSha }: Place,
): Promise<Memory> {
  const { memory, github } = world
  if (memory === null) {
    return {
      pushers: notVisibleHere('who pushed is told by webhooks only'),
      directPushes: notVisibleHere('direct pushes are told by webhooks only'),
      agentReviews: notVisibleHere('reviews by DevLoop are remembered by its server only'),
      waivers: notVisibleHere('waivers are remembered by the DevLoop server only'),
    }
  }
  const { name } = github.ref
  const [events, waivers, agentReviews, directPushes] = await Promise.all([
    memory.facts.get(factKeys.pushers(name, number)),
    memory.governance.listWaivers(name, number, headSha),
    world.appLogin === null ? [] : agentReviewsOf(memory.reviews, name, number, world.appLogin),
    readDirectPushes(world, config),
  ])
  const pushers = pullRequestEvents.safeParse(events).data?.pushers ?? []
  return {
    pushers: seen(pushers.map((pusher) => ({ ...pusher, email: null }))),
    directPushes: seen(directPushes),
    agentReviews: seen(agentReviews),
    waivers: seen(
      await Promise.all(
        waivers.map(async (waiver) => ({
          rule: waiver.rule,
          headSha: waiver.headSha,
          reason: waiver.reason,
          by: waiver.by,
          // Asked again each time: who lost the permission no longer waives.
          permission: await github.access.permission(waiver.by),
          at: new Date(waiver.at).toISOString(),
        })),
      ),
    ),
  }
}

/** Pushes to main and staging of the last days that no merge of a pull request made. */
async function readDirectPushes({ memory, github, clock }: GithubWorld, config: ResolvedConfig) {
  if (memory === null) return []
  const { main, staging } = config.governance.branches
  const [pushes, merges] = await Promise.all([
    memory.facts.get(factKeys.pushes(github.ref.name)),
    memory.facts.get(factKeys.merges(github.ref.name)),
  ])
  const merged = new Set(shaList.safeParse(merges).data ?? [])
  const oldest = clock.now() - DIRECT_PUSH_DAYS * DAY_MS
  return (pushesFact.safeParse(pushes).data ?? []).filter(
    ({ sha, branch, pushedAt }) =>
      (branch === main || branch === staging) && !merged.has(sha) && Date.parse(pushedAt) >= oldest,
  )
}
