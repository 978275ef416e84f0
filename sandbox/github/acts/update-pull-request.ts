import { ApiError, validationFailed } from '../api-error.ts'
import type { JsonObject } from '../contracts/json.ts'
import { findBranchSha } from '../git/branches.ts'
import { renderAccount } from '../render/render-account.ts'
import type { Actor } from '../state/account.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { emitPullRequest, note } from './emit-pull-request.ts'
import { issueOf } from './find.ts'
import { editText, type IssueChange, setState } from './issues.ts'

export interface PullRequestChange extends IssueChange {
  readonly base?: string | undefined
  readonly maintainerCanModify?: boolean | undefined
}

export async function updatePullRequest(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  change: PullRequestChange,
): Promise<void> {
  const { actor } = change
  const issue = issueOf(repository, pullRequest.number)
  if (change.state === 'open' && pullRequest.mergedAt !== null) {
    const message = 'state cannot be changed. The pull request cannot be reopened.'
    throw validationFailed({ resource: 'PullRequest', code: 'custom', field: 'state', message })
  }
  pullRequest.maintainerCanModify = change.maintainerCanModify ?? pullRequest.maintainerCanModify
  const changes: JsonObject = {
    ...editText(world, issue, change),
    ...(await retarget(world, repository, { pullRequest, change })),
  }
  if (Object.keys(changes).length > 0) {
    await emitPullRequest(world, repository, { pullRequest, action: 'edited', actor, extra: { changes } })
  }
  if (setState(world, issue, change)) {
    issue.stateReason = null
    await emitPullRequest(world, repository, {
      pullRequest,
      action: issue.state === 'closed' ? 'closed' : 'reopened',
      actor,
    })
  }
}

async function retarget(
  world: World,
  repository: Repository,
  subject: { pullRequest: PullRequest; change: PullRequestChange },
): Promise<JsonObject> {
  const { pullRequest, change } = subject
  const { base, actor } = change
  if (base === undefined || base === pullRequest.baseRef) return {}
  const sha = await findBranchSha(world.git(repository), base)
  if (sha === undefined) throw validationFailed({ resource: 'PullRequest', code: 'invalid', field: 'base' })
  const from = { ref: { from: pullRequest.baseRef }, sha: { from: pullRequest.baseSha } }
  note(
    world,
    issueOf(repository, pullRequest.number),
    actor,
    `changed the base branch from ${pullRequest.baseRef} to ${base}`,
  )
  pullRequest.baseRef = base
  pullRequest.baseSha = sha
  return { base: from }
}

export async function setDraft(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  change: { draft: boolean; actor: Actor },
): Promise<void> {
  const { draft, actor } = change
  if (pullRequest.draft === draft) return
  pullRequest.draft = draft
  note(
    world,
    issueOf(repository, pullRequest.number),
    actor,
    draft ? 'marked this as a draft' : 'marked this as ready for review',
  )
  const action = draft ? 'converted_to_draft' : 'ready_for_review'
  await emitPullRequest(world, repository, { pullRequest, action, actor })
}

/** Asks people for a review, or takes the question back. */
export async function changeReviewers(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  change: { logins: readonly string[]; requested: boolean; actor: Actor },
): Promise<void> {
  const { logins, requested, actor } = change
  const author = issueOf(repository, pullRequest.number).authorLogin
  if (requested && logins.includes(author))
    throw new ApiError(422, 'Review cannot be requested from pull request author.')
  for (const login of logins) {
    const account = world.accounts.get(login.toLowerCase())
    if (account === undefined) {
      throw new ApiError(
        422,
        'Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the repository.',
      )
    }
    if (pullRequest.requestedReviewers.includes(login) === requested) continue
    pullRequest.requestedReviewers = requested
      ? [...pullRequest.requestedReviewers, login]
      : pullRequest.requestedReviewers.filter((other) => other !== login)
    const action = requested ? 'review_requested' : 'review_request_removed'
    const extra = { requested_reviewer: renderAccount(world, account) }
    await emitPullRequest(world, repository, { pullRequest, action, actor, extra })
  }
}
