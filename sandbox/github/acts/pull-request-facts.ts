import { findBranchSha } from '../git/branches.ts'
import { findMergeBase, listRange } from '../git/commits.ts'
import { type DiffEntry, listDiff } from '../git/diff.ts'
import type { GitRepository } from '../git/git-repository.ts'
import { mergeTrees } from '../git/merge.ts'
import { writeCommit } from '../git/write-commit.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { mergeObstacles } from './merge-obstacles.ts'

/** What git and the branch rules say about a pull request now. */
export interface PullRequestFacts {
  readonly commits: number
  readonly additions: number
  readonly deletions: number
  readonly changedFiles: number
  readonly mergeable: boolean | null
  readonly mergeableState: string
  readonly mergeCommitSha: string | null
}

export async function readFacts(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
): Promise<PullRequestFacts> {
  const git = world.git(repository)
  const files = await listPullRequestFiles(world, repository, pullRequest)
  const commits = (await listRange(git, pullRequest.baseSha, pullRequest.headSha)).length
  return {
    commits,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changedFiles: files.length,
    ...(await readMergeability(world, repository, pullRequest)),
  }
}

/** The files of a pull request: what its head changed since it left the base. */
export async function listPullRequestFiles(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
): Promise<DiffEntry[]> {
  return listDiff(world.git(repository), await diffBase(world, repository, pullRequest), pullRequest.headSha)
}

export async function diffBase(world: World, repository: Repository, pullRequest: PullRequest): Promise<string> {
  const git = world.git(repository)
  return (await findMergeBase(git, pullRequest.baseSha, pullRequest.headSha)) ?? pullRequest.baseSha
}

type Mergeability = Pick<PullRequestFacts, 'mergeable' | 'mergeableState' | 'mergeCommitSha'>

async function readMergeability(world: World, repository: Repository, pullRequest: PullRequest): Promise<Mergeability> {
  if (repository.issues.get(pullRequest.number)?.state !== 'open') {
    return { mergeable: null, mergeableState: 'unknown', mergeCommitSha: pullRequest.mergeCommitSha }
  }
  const git = world.git(repository)
  const base = await findBranchSha(git, pullRequest.baseRef)
  const tree = base === undefined ? undefined : await mergeTrees(git, base, pullRequest.headSha)
  if (base === undefined || tree === undefined)
    return { mergeable: false, mergeableState: 'dirty', mergeCommitSha: null }
  const mergeCommitSha = await writeTestMerge(git, { base, head: pullRequest.headSha, tree })
  return { mergeable: true, mergeableState: mergeableState(world, repository, pullRequest), mergeCommitSha }
}

// GitHub merges every open pull request on trial; the same input gives the same commit here.
function writeTestMerge(git: GitRepository, merge: { base: string; head: string; tree: string }): Promise<string> {
  const { base, head, tree } = merge
  return git.remember(`trial ${base} ${head}`, () =>
    writeCommit(git, {
      tree,
      parents: [base, head],
      message: `Merge ${head} into ${base}`,
      author: { name: 'GitHub', email: 'noreply@github.com', date: '2020-01-01T00:00:00Z' },
    }),
  )
}

function mergeableState(world: World, repository: Repository, pullRequest: PullRequest): string {
  if (pullRequest.draft) return 'draft'
  if (mergeObstacles(world, repository, pullRequest).length > 0) return 'blocked'
  const latest = new Map([...repository.runs.values()].map((run) => [`${run.headSha} ${run.name}`, run]))
  const hasFailures = [...latest.values()].some(
    (run) => run.headSha === pullRequest.headSha && (run.status !== 'completed' || run.conclusion === 'failure'),
  )
  return hasFailures ? 'unstable' : 'clean'
}
