import { citedTaskIds } from '../../governance/citations.ts'
import { failedToSee, type MergedPullRequest, type Part, type PlanSide, seen } from '../../governance/snapshot.ts'
import type { GitCommit, LocalGit } from '../../ports/git.ts'
import type { CommitSha } from '../../ports/ids.ts'
import { newlyDoneIds } from './done-ids.ts'

const MAX_MERGES = 300
const MERGE = /^Merge pull request #(\d+) from [^/\s]+\/(\S+)/
const SQUASH = /\(#(\d+)\)$/
const REVERTED_COMMIT = /^This reverts commit ([0-9a-f]{7,40})/m
const REVERTED_NUMBER = /^Reverts (?:[\w.-]+\/[\w.-]+)?#(\d{1,9})\b/m

/**
 * What was merged, as the first-parent history of the base tells it: merge commits, squashed pull requests, commits with a `Plan:`
 * trailer. Answers a function, since which files are worth looking up depends on the boxes this change ticks.
 */
export async function readLocalMerged(
  git: LocalGit,
  baseSha: CommitSha,
): Promise<(mergeBase: Part<PlanSide>, head: Part<PlanSide>) => Promise<Part<readonly MergedPullRequest[]>>> {
  if (git.isShallow) {
    return async () => failedToSee('this clone is shallow; `git fetch --unshallow` brings what was merged')
  }
  const commits = await git.log({ to: baseSha, limit: MAX_MERGES, firstParent: true })
  return async (mergeBase, head) => {
    const ticked = newlyDoneIds(mergeBase, head)
    const citing = commits.filter((commit) => tasksOf(commit).some((id) => ticked.includes(id)))
    const files = await git.filesOf(citing.map(({ sha }) => sha))
    return seen(
      commits
        .map((commit) => ({
          ref: refOf(commit),
          mergedAt: new Date(commit.committedAt).toISOString(),
          tasks: [...tasksOf(commit)],
          paths: files.get(commit.sha) ?? null,
          revertedBy: revertOf(commit, commits),
        }))
        .filter(({ tasks }) => tasks.length > 0),
    )
  }
}

function tasksOf({ message }: GitCommit): readonly string[] {
  return citedTaskIds(message, MERGE.exec(message)?.[2] ?? '')
}

function numberOf({ message }: GitCommit): string | undefined {
  return MERGE.exec(message)?.[1] ?? SQUASH.exec(message.split('\n', 1)[0] ?? '')?.[1]
}

function refOf(commit: GitCommit): string {
  const number = numberOf(commit)
  return number === undefined ? commit.sha.slice(0, 7) : `#${number}`
}

function revertOf(commit: GitCommit, commits: readonly GitCommit[], depth = 0): MergedPullRequest['revertedBy'] {
  const number = numberOf(commit)
  const revert = commits.find(
    ({ message, sha }) =>
      sha !== commit.sha &&
      (commit.sha.startsWith(REVERTED_COMMIT.exec(message)?.[1] ?? 'none') ||
        (number !== undefined && REVERTED_NUMBER.exec(message)?.[1] === number)),
  )
  if (revert === undefined || depth > 50 || revertOf(revert, commits, depth + 1) !== null) return null
  return { ref: refOf(revert), mergedAt: new Date(revert.committedAt).toISOString() }
}
