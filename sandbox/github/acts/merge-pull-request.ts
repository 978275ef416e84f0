import { ApiError } from '../api-error.ts'
import { findBranchSha } from '../git/branches.ts'
import { listCommits } from '../git/commits.ts'
import { mergeTrees, rebaseCommits } from '../git/merge.ts'
import { writeCommit } from '../git/write-commit.ts'
import type { Actor } from '../state/account.ts'
import type { MergeMethod, PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { markMerged } from './close-as-merged.ts'
import { issueOf } from './find.ts'
import { mergeObstacles, rulesOf } from './merge-obstacles.ts'
import { updateRef } from './push.ts'
import { signatureOf } from './repositories.ts'

export interface MergeRequest {
  readonly method?: MergeMethod | undefined
  readonly title?: string | undefined
  readonly message?: string | undefined
  /** Refused with 409 if the head has moved on. */
  readonly sha?: string | undefined
  readonly actor: Actor
}

/** Merges as GitHub's button does, if the branch rules allow; answers the new tip of the base. */
export async function mergePullRequest(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  request: MergeRequest,
): Promise<string> {
  const { method = 'merge', actor } = request
  const issue = issueOf(repository, pullRequest.number)
  if (request.sha !== undefined && request.sha !== pullRequest.headSha) {
    throw new ApiError(409, 'Head branch was modified. Review and try the merge again.')
  }
  if (issue.state !== 'open') throw new ApiError(405, 'Pull Request is not mergeable')
  if (pullRequest.draft) throw new ApiError(405, 'Pull Request is still a draft')
  const obstacles = mergeObstacles(world, repository, pullRequest)
  if (rulesOf(repository, pullRequest.baseRef).some((rule) => rule.mergeQueue)) {
    obstacles.unshift('Changes must be made through the merge queue.')
  }
  if (obstacles.length > 0) throw new ApiError(405, `Repository rule violations found\n\n${obstacles.join('\n')}\n\n`)
  const base = await findBranchSha(world.git(repository), pullRequest.baseRef)
  const sha =
    base === undefined ? undefined : await writeMerge(world, repository, { pullRequest, request, method, base })
  if (sha === undefined) throw new ApiError(405, 'Pull Request is not mergeable')
  // Marked first, so that the push below finds nothing left to close.
  await markMerged(world, repository, { pullRequest, mergeCommitSha: sha, actor })
  await updateRef(world, repository, { ref: `refs/heads/${pullRequest.baseRef}`, after: sha, actor })
  return sha
}

/** Writes the commit a merge leaves on the base; undefined where it conflicts. */
export async function writeMerge(
  world: World,
  repository: Repository,
  merge: { pullRequest: PullRequest; request: MergeRequest; method: MergeMethod; base: string },
): Promise<string | undefined> {
  const { pullRequest, request, method, base } = merge
  const git = world.git(repository)
  const author = signatureOf(world, request.actor.account)
  if (method === 'rebase') return rebaseCommits(git, base, pullRequest.headSha, author)
  const tree = await mergeTrees(git, base, pullRequest.headSha)
  if (tree === undefined) return undefined
  const parents = method === 'merge' ? [base, pullRequest.headSha] : [base]
  const message = await writeMessage(world, repository, merge)
  return writeCommit(git, {
    tree,
    parents,
    message,
    author,
    committer: { ...author, name: 'GitHub', email: 'noreply@github.com' },
  })
}

async function writeMessage(
  world: World,
  repository: Repository,
  merge: { pullRequest: PullRequest; request: MergeRequest; method: MergeMethod; base: string },
): Promise<string> {
  const { pullRequest, request, method } = merge
  const { number, headOwnerLogin, headRef } = pullRequest
  const { title } = issueOf(repository, number)
  if (method === 'merge') {
    const subject = request.title ?? `Merge pull request #${number} from ${headOwnerLogin}/${headRef}`
    return `${subject}\n\n${request.message ?? title}`
  }
  const commits = await listCommits(world.git(repository), [
    '--reverse',
    `${pullRequest.baseSha}..${pullRequest.headSha}`,
  ])
  // GitHub lists the subjects of the squashed commits: trailers of their messages are lost.
  const single = commits.length === 1 ? (commits[0]?.message.split('\n').slice(2).join('\n') ?? '') : undefined
  const listed = commits.map((commit) => `* ${commit.message.split('\n')[0]}`).join('\n\n')
  return `${request.title ?? `${title} (#${number})`}\n\n${request.message ?? stripTrailers(single ?? listed)}`
}

function stripTrailers(text: string): string {
  return text.replace(/(?:^|\n\n)(?:[A-Za-z-]+: .*(?:\n|$))+$/, '').trimEnd()
}
