import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { citedTaskIds } from '../../governance/citations.ts'
import { failedToSee, type Part, type PlanSide, type Snapshot, seen } from '../../governance/snapshot.ts'
import { newlyDoneIds } from './done-ids.ts'
import { mergedPullRequests } from './merged.ts'
import type { GithubWorld } from './world.ts'

const LOOK_BACK_MS = 90 * 86_400_000

/** Pull requests merged where work is merged; with their files where a box of theirs is ticked by this change. */
export async function readMerged(
  { github, clock }: GithubWorld,
  config: ResolvedConfig,
  baseRef: string,
  plans: { readonly head: Part<PlanSide>; readonly mergeBase: Part<PlanSide> },
): Promise<Snapshot['merged']> {
  const since = new Date(clock.now() - LOOK_BACK_MS).toISOString()
  const { main, staging } = config.governance.branches
  const base = baseRef === main ? (staging ?? baseRef) : baseRef
  const listing = await github.pullRequests.listMerged(base, since)
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
