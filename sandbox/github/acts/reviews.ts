import { ApiError, checkBodyLength } from '../api-error.ts'
import { findMergeBase, findSha } from '../git/commits.ts'
import type { JsonObject } from '../contracts/json.ts'
import { renderReview } from '../render/render-review.ts'
import type { Actor } from '../state/account.ts'
import type { Review, ReviewState } from '../state/conversation.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { renderNow } from './emit-pull-request.ts'
import { issueOf } from './find.ts'
import { placeComment, type WantedPlace } from './place-comment.ts'
import { addReviewComment, emitReviewComment } from './review-comments.ts'

export const reviewEvents = ['APPROVE', 'REQUEST_CHANGES', 'COMMENT'] as const
export type ReviewEvent = (typeof reviewEvents)[number]

const stateOf: Readonly<Record<ReviewEvent, ReviewState>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
}

export interface ReviewRequest {
  readonly body?: string | null | undefined
  /** Absent: the review stays pending until it is submitted. */
  readonly event?: ReviewEvent | undefined
  /** Absent: the head. */
  readonly commitId?: string | undefined
  readonly comments?: readonly (WantedPlace & { readonly body: string })[] | undefined
  readonly actor: Actor
}

export async function createReview(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  request: ReviewRequest,
): Promise<Review> {
  const { event, body, comments = [], actor } = request
  checkBodyLength('PullRequestReview', body ?? null)
  checkEvent(repository, pullRequest, { ...request, hasComments: comments.length > 0 })
  if (event === undefined) refuseSecondPending(repository, pullRequest, actor)
  const commitId = await checkCommit(world, repository, { pullRequest, sha: request.commitId ?? pullRequest.headSha })
  // All places are found before anything is written: a review is taken whole or not at all.
  const placed = await Promise.all(
    comments.map(async (wanted) => {
      checkBodyLength('PullRequestReviewComment', wanted.body)
      const place = await placeComment(world, repository, { pullRequest, commitSha: commitId, wanted, form: 'review' })
      return { place, body: wanted.body }
    }),
  )
  const review: Review = {
    id: world.nextId(),
    pullRequestNumber: pullRequest.number,
    authorLogin: actor.account.login,
    viaAppId: actor.viaAppId ?? null,
    commitId,
    body: body ?? '',
    state: event === undefined ? 'PENDING' : stateOf[event],
    submittedAt: event === undefined ? null : world.now(),
    updatedAt: world.now(),
  }
  repository.reviews.set(review.id, review)
  for (const { place, body: text } of placed) addReviewComment(world, repository, { review, place, body: text, actor })
  if (event !== undefined) await announce(world, repository, { pullRequest, review, actor })
  return review
}

export async function submitReview(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  request: { review: Review; event: ReviewEvent; body?: string | undefined; actor: Actor },
): Promise<void> {
  const { review, event, actor } = request
  if (review.state !== 'PENDING') throw new ApiError(422, 'Unprocessable Entity', ['Can only submit pending reviews'])
  const body = request.body ?? review.body
  checkEvent(repository, pullRequest, { event, body, actor, hasComments: true })
  review.body = body
  review.state = stateOf[event]
  review.submittedAt = world.now()
  await announce(world, repository, { pullRequest, review, actor })
}

export async function dismissReview(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  request: { review: Review; message: string; actor: Actor },
): Promise<void> {
  const { review, message, actor } = request
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
    throw new ApiError(422, 'Unprocessable Entity', ['Can not dismiss a commented pull request review'])
  }
  review.state = 'DISMISSED'
  issueOf(repository, pullRequest.number).timeline.push({
    id: world.nextId(),
    at: world.now(),
    login: actor.account.login,
    text: `dismissed the review of ${review.authorLogin}: ${message}`,
  })
  await emitReview(world, repository, { pullRequest, review, action: 'dismissed', actor })
}

export async function editReview(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  request: { review: Review; body: string; actor: Actor },
): Promise<void> {
  const { review, body, actor } = request
  checkBodyLength('PullRequestReview', body)
  const changes = { body: { from: review.body } }
  review.body = body
  review.updatedAt = world.now()
  if (review.state !== 'PENDING')
    await emitReview(world, repository, { pullRequest, review, action: 'edited', actor, extra: { changes } })
}

async function announce(
  world: World,
  repository: Repository,
  event: { pullRequest: PullRequest; review: Review; actor: Actor },
): Promise<void> {
  const { pullRequest, review, actor } = event
  pullRequest.requestedReviewers = pullRequest.requestedReviewers.filter((login) => login !== review.authorLogin)
  issueOf(repository, pullRequest.number).updatedAt = world.now()
  await emitReview(world, repository, { pullRequest, review, action: 'submitted', actor })
  for (const comment of repository.reviewComments.values()) {
    if (comment.reviewId === review.id)
      await emitReviewComment(world, repository, { comment, action: 'created', actor })
  }
}

function checkEvent(
  repository: Repository,
  pullRequest: PullRequest,
  request: { event?: ReviewEvent | undefined; body?: string | null | undefined; hasComments: boolean; actor: Actor },
): void {
  const { event, body, actor, hasComments } = request
  const isOwn = issueOf(repository, pullRequest.number).authorLogin === actor.account.login
  if (isOwn && event === 'APPROVE') {
    throw new ApiError(422, 'Unprocessable Entity', ['Review Can not approve your own pull request'])
  }
  if (isOwn && event === 'REQUEST_CHANGES') {
    throw new ApiError(422, 'Unprocessable Entity', ['Review Can not request changes on your own pull request'])
  }
  const isEmpty = (body ?? '').trim() === ''
  if ((event === 'REQUEST_CHANGES' && isEmpty) || (event === 'COMMENT' && isEmpty && !hasComments)) {
    throw new ApiError(422, 'Unprocessable Entity', ["Review body can't be blank"])
  }
}

function refuseSecondPending(repository: Repository, pullRequest: PullRequest, actor: Actor): void {
  for (const review of repository.reviews.values()) {
    const isOwn = review.authorLogin === actor.account.login && review.pullRequestNumber === pullRequest.number
    if (!isOwn || review.state !== 'PENDING') continue
    throw new ApiError(422, 'Unprocessable Entity', ['User can only have one pending review per pull request'])
  }
}

async function checkCommit(
  world: World,
  repository: Repository,
  wanted: { pullRequest: PullRequest; sha: string },
): Promise<string> {
  const git = world.git(repository)
  const sha = await findSha(git, wanted.sha)
  const isPart = sha !== undefined && (await findMergeBase(git, sha, wanted.pullRequest.headSha)) === sha
  const wasPart = wanted.pullRequest.pushes.some((push) => push.after === sha)
  if (sha === undefined || !(isPart || wasPart)) {
    throw new ApiError(422, 'Unprocessable Entity', ['Commit is not part of the pull request'])
  }
  return sha
}

async function emitReview(
  world: World,
  repository: Repository,
  event: { pullRequest: PullRequest; review: Review; action: string; actor: Actor; extra?: JsonObject },
): Promise<void> {
  const { pullRequest, review, action, actor, extra = {} } = event
  const rendered = {
    ...renderReview(world, repository, review),
    state: review.state.toLowerCase(),
    updated_at: review.updatedAt,
  }
  const payload = { review: rendered, pull_request: await renderNow(world, repository, pullRequest), ...extra }
  emit(world, { name: 'pull_request_review', action, actor, repository, payload })
}
