import { ApiError, checkBodyLength, validationFailed } from '../api-error.ts'
import { findBranchSha } from '../git/branches.ts'
import { findMergeBase } from '../git/commits.ts'
import { fetchCommit } from '../git/merge.ts'
import type { Actor } from '../state/account.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { emitPullRequest } from './emit-pull-request.ts'
import { addIssue } from './issues.ts'

export interface PullRequestRequest {
  readonly title: string
  readonly body?: string | null | undefined
  /** A branch, or `owner:branch` for one of a fork. */
  readonly head: string
  readonly base: string
  readonly draft?: boolean | undefined
  readonly maintainerCanModify?: boolean | undefined
  readonly actor: Actor
}

const resource = 'PullRequest'

export async function openPullRequest(
  world: World,
  repository: Repository,
  request: PullRequestRequest,
): Promise<PullRequest> {
  const { title, body = null, base, actor } = request
  checkBodyLength(resource, body)
  const head = findHead(world, repository, request.head)
  const git = world.git(repository)
  const baseSha = await findBranchSha(git, base)
  if (baseSha === undefined) throw validationFailed({ resource, code: 'invalid', field: 'base' })
  const headSha = head === undefined ? undefined : await findBranchSha(world.git(head.source), head.branch)
  if (head === undefined || headSha === undefined) throw validationFailed({ resource, code: 'invalid', field: 'head' })
  refuseDuplicate(repository, { base, branch: head.branch, sourceId: head.source.id, label: request.head })
  await fetchCommit(git, head.source.gitDir, headSha, `refs/pull/${repository.nextNumber}/head`)
  if ((await findMergeBase(git, headSha, baseSha)) === headSha) {
    const message = `No commits between ${base} and ${request.head}`
    throw validationFailed({ resource, code: 'custom', message })
  }
  const issue = addIssue(world, repository, { title, body, actor })
  const pullRequest: PullRequest = {
    id: world.nextId(),
    number: issue.number,
    headRef: head.branch,
    headOwnerLogin: head.source.ownerLogin,
    headRepositoryId: head.source.id,
    headSha,
    baseRef: base,
    baseSha,
    draft: request.draft ?? false,
    maintainerCanModify: head.source !== repository && (request.maintainerCanModify ?? true),
    requestedReviewers: [],
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    pushes: [{ id: world.nextId(), before: baseSha, after: headSha, login: actor.account.login, at: world.now() }],
  }
  repository.pullRequests.set(issue.number, pullRequest)
  await emitPullRequest(world, repository, { pullRequest, action: 'opened', actor })
  return pullRequest
}

function findHead(
  world: World,
  repository: Repository,
  label: string,
): { source: Repository; branch: string } | undefined {
  const [owner, ...rest] = label.split(':')
  if (rest.length === 0) return { source: repository, branch: label }
  const branch = rest.join(':')
  if (owner === repository.ownerLogin) return { source: repository, branch }
  for (const source of world.repositories.values()) {
    if (source.ownerLogin === owner && source.parentId === repository.id) return { source, branch }
  }
  return undefined
}

function refuseDuplicate(
  repository: Repository,
  wanted: { base: string; branch: string; sourceId: number; label: string },
): void {
  for (const other of repository.pullRequests.values()) {
    const isSame =
      other.baseRef === wanted.base && other.headRef === wanted.branch && other.headRepositoryId === wanted.sourceId
    if (!isSame || repository.issues.get(other.number)?.state !== 'open') continue
    const label = wanted.label.includes(':') ? wanted.label : `${repository.ownerLogin}:${wanted.label}`
    const message = `A pull request already exists for ${label}.`
    throw new ApiError(422, 'Validation Failed', [{ resource, code: 'custom', message }])
  }
}
