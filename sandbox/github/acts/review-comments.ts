import { checkBodyLength, notFound, validationFailed } from '../api-error.ts'
import type { JsonObject } from '../contracts/json.ts'
import { nodeId } from '../render/node-id.ts'
import { renderReviewComment } from '../render/render-review.ts'
import type { Actor } from '../state/account.ts'
import type { Review, ReviewComment, ReviewThread } from '../state/conversation.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { renderNow } from './emit-pull-request.ts'
import { pullRequestOf } from './find.ts'
import { type Place, placeComment, type WantedPlace } from './place-comment.ts'

/** Adds a comment at the head of a new thread; tells nobody yet. */
export function addReviewComment(
  world: World,
  repository: Repository,
  request: { review: Review; place: Place; body: string; actor: Actor },
): ReviewComment {
  const { review, place, body, actor } = request
  const id = world.nextId()
  const thread: ReviewThread = {
    id,
    nodeId: nodeId('PRRT', id),
    pullRequestNumber: review.pullRequestNumber,
    resolvedBy: null,
  }
  repository.threads.set(id, thread)
  const now = world.now()
  const comment: ReviewComment = {
    id: world.nextId(),
    reviewId: review.id,
    pullRequestNumber: review.pullRequestNumber,
    threadId: id,
    authorLogin: actor.account.login,
    path: place.path,
    originalCommitId: review.commitId,
    originalPosition: place.position,
    originalLine: place.line,
    originalStartLine: place.startLine,
    side: place.side,
    startSide: place.startSide,
    subjectType: place.subjectType,
    diffHunk: place.diffHunk,
    inReplyToId: null,
    createdAt: now,
    body,
    updatedAt: now,
    commitId: review.commitId,
    line: place.line,
    startLine: place.startLine,
    position: place.position,
  }
  repository.reviewComments.set(comment.id, comment)
  return comment
}

/** One comment on the diff, outside a review; GitHub makes a review of one for it. */
export async function createReviewComment(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  request: { wanted: WantedPlace; body: string; commitId: string; actor: Actor },
): Promise<ReviewComment> {
  const { wanted, body, commitId, actor } = request
  checkCommentBody(body)
  const place = await placeComment(world, repository, { pullRequest, commitSha: commitId, wanted, form: 'single' })
  const review = addSilentReview(world, repository, { pullRequest, commitId, actor })
  const comment = addReviewComment(world, repository, { review, place, body, actor })
  await emitReviewComment(world, repository, { comment, action: 'created', actor })
  return comment
}

export async function replyToReviewComment(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  request: { to: ReviewComment; body: string; actor: Actor },
): Promise<ReviewComment> {
  const { to, body, actor } = request
  if (to.pullRequestNumber !== pullRequest.number) throw notFound()
  checkCommentBody(body)
  const review = addSilentReview(world, repository, { pullRequest, commitId: to.commitId, actor })
  const now = world.now()
  const comment: ReviewComment = {
    ...to,
    id: world.nextId(),
    reviewId: review.id,
    authorLogin: actor.account.login,
    // Replies hang on the first comment of the thread, whichever was answered.
    inReplyToId: to.inReplyToId ?? to.id,
    createdAt: now,
    body,
    updatedAt: now,
  }
  repository.reviewComments.set(comment.id, comment)
  await emitReviewComment(world, repository, { comment, action: 'created', actor })
  return comment
}

export async function editReviewComment(
  world: World,
  repository: Repository,
  comment: ReviewComment,
  change: { body: string; actor: Actor },
): Promise<void> {
  checkCommentBody(change.body)
  const changes = { body: { from: comment.body } }
  comment.body = change.body
  comment.updatedAt = world.now()
  await emitReviewComment(world, repository, { comment, action: 'edited', actor: change.actor, extra: { changes } })
}

export async function deleteReviewComment(
  world: World,
  repository: Repository,
  comment: ReviewComment,
  actor: Actor,
): Promise<void> {
  repository.reviewComments.delete(comment.id)
  await emitReviewComment(world, repository, { comment, action: 'deleted', actor })
}

export async function emitReviewComment(
  world: World,
  repository: Repository,
  event: { comment: ReviewComment; action: string; actor: Actor; extra?: JsonObject },
): Promise<void> {
  const { comment, action, actor, extra = {} } = event
  const pullRequest = pullRequestOf(repository, comment.pullRequestNumber)
  const payload = {
    comment: renderReviewComment(world, repository, comment),
    pull_request: await renderNow(world, repository, pullRequest),
    ...extra,
  }
  emit(world, { name: 'pull_request_review_comment', action, actor, repository, payload })
}

function addSilentReview(
  world: World,
  repository: Repository,
  request: { pullRequest: PullRequest; commitId: string; actor: Actor },
): Review {
  const { pullRequest, commitId, actor } = request
  const review: Review = {
    id: world.nextId(),
    pullRequestNumber: pullRequest.number,
    authorLogin: actor.account.login,
    viaAppId: actor.viaAppId ?? null,
    commitId,
    body: '',
    state: 'COMMENTED',
    submittedAt: world.now(),
    updatedAt: world.now(),
  }
  repository.reviews.set(review.id, review)
  return review
}

function checkCommentBody(body: string): void {
  const resource = 'PullRequestReviewComment'
  if (body.trim() === '') throw validationFailed({ resource, code: 'missing_field', field: 'body' })
  checkBodyLength(resource, body)
}
