import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { citedTaskIds } from '../../governance/citations.ts'
import { failedToSee, type Part, type PlanSide, type Snapshot, seen } from '../../governance/snapshot.ts'
import { newlyDoneIds } from './done-ids.ts'
import { mergedPullRequests } from './merged.ts'
import type { Listing, PullRequestView } from '../../ports/github.ts'
import type { GithubWorld } from './world.ts'

const LOOK_BACK_MS = 90 * 86_400_000

/** The branch into which the work was merged that this change may take credit for. */
export function mergedInto({ governance }: ResolvedConfig, baseRef: string): string {
  const { main, staging } = governance.branches
  return baseRef === main ? (staging ?? baseRef) : baseRef
}

export function listMergedWork({ github, clock }: GithubWorld, into: string): Promise<Listing<PullRequestView>> {
  return github.pullRequests.listMerged(into, new Date(clock.now() - LOOK_BACK_MS).toISOString())
}

/** Pull requests merged where work is merged; with their files where a box of theirs is ticked by this change. */
export async function readMerged(
  world: GithubWorld,
  config: ResolvedConfig,
  baseRef: string,
  plans: { readonly head: Part<PlanSide>; readonly mergeBase: Part<PlanSide> },
  early?: { readonly into: string; readonly listing: Promise<Listing<PullRequestView>> },
): Promise<Snapshot['merged']> {
  const { github } = world
  const into = mergedInto(config, baseRef)
  const listing = await (early?.into === into ? early.listing : listMergedWork(world, into))
  if (!listing.complete) return failedToSee('more pull requests were merged in the last 90 days than DevLoop reads')
  const ticked = newlyDoneIds(plans.mergeBase, plans.head)
  const citing = listing.items.filter((view) => citedTaskIds(view.body, view.headRef).some((id) => ticked.includes(id)))
  const paths = new Map<number, readonly string[]>()
  for (const { number } of citing) {
    const files = await github.pullRequests.listFiles(number)
    if (files.complete)
      paths.set(
        number,
        files.items.map(({ path }) => path),
      )
  }
  return seen(mergedPullRequests(listing.items, (number) => paths.get(number) ?? null))
}
