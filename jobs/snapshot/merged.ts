import { citedTaskIds } from '../../governance/citations.ts'
import type { MergedPullRequest } from '../../governance/snapshot.ts'
import type { PullRequestView } from '../../ports/github.ts'

/** The line GitHub's "Revert" button writes. */
const REVERTS = /^Reverts (?:[\w.-]+\/[\w.-]+)?#(\d{1,9})\b/im

/** Merged pull requests as rules see them; one that was reverted, unless that was reverted too, says by which. */
export function mergedPullRequests(
  views: readonly PullRequestView[],
  pathsOf: (number: number) => readonly string[] | null,
): readonly MergedPullRequest[] {
  const reverts = new Map<number, PullRequestView>()
  for (const view of views) {
    const number = Number(REVERTS.exec(view.body)?.[1] ?? Number.NaN)
    if (Number.isInteger(number)) reverts.set(number, view)
  }
  const revertOf = (number: number, depth = 0): PullRequestView | undefined => {
    const revert = reverts.get(number)
    if (revert === undefined || revert.number === number || depth > 50) return undefined
    return revertOf(revert.number, depth + 1) === undefined ? revert : undefined
  }
  return views.map((view) => {
    const revert = revertOf(view.number)
    return {
      ref: `#${view.number}`,
      mergedAt: mergedAt(view),
      tasks: [...citedTaskIds(view.body, view.headRef)],
      paths: pathsOf(view.number),
      revertedBy: revert === undefined ? null : { ref: `#${revert.number}`, mergedAt: mergedAt(revert) },
    }
  })
}

function mergedAt(view: PullRequestView): string {
  return view.mergedAt ?? view.updatedAt
}
