import type { JsonObject } from '../contracts/json.ts'
import type { Review, ReviewComment } from '../state/conversation.ts'
import { associationOf } from '../state/permissions.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { nodeId } from './node-id.ts'
import { renderLogin } from './render-account.ts'
import { renderReactionCounts } from './render-issue.ts'
import { repositoryUrl, repositoryWebUrl } from './render-repository.ts'

export function renderReview(world: World, repository: Repository, review: Review): JsonObject {
  const pullRequestUrl = `${repositoryUrl(world, repository)}/pulls/${review.pullRequestNumber}`
  const html = `${repositoryWebUrl(world, repository)}/pull/${review.pullRequestNumber}#pullrequestreview-${review.id}`
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: renderLogin(world, review.authorLogin),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pullRequestUrl,
    author_association: associationOf(world, repository, world.account(review.authorLogin)),
    _links: { html: { href: html }, pull_request: { href: pullRequestUrl } },
    ...(review.submittedAt === null ? {} : { submitted_at: review.submittedAt }),
    commit_id: review.commitId,
  }
}

export function renderReviewComment(world: World, repository: Repository, comment: ReviewComment): JsonObject {
  const base = repositoryUrl(world, repository)
  const url = `${base}/pulls/comments/${comment.id}`
  const pullRequestUrl = `${base}/pulls/${comment.pullRequestNumber}`
  const html = `${repositoryWebUrl(world, repository)}/pull/${comment.pullRequestNumber}#discussion_r${comment.id}`
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId('PRRC', comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    commit_id: comment.commitId,
    original_commit_id: comment.originalCommitId,
    user: renderLogin(world, comment.authorLogin),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    html_url: html,
    pull_request_url: pullRequestUrl,
    author_association: associationOf(world, repository, world.account(comment.authorLogin)),
    _links: { self: { href: url }, html: { href: html }, pull_request: { href: pullRequestUrl } },
    reactions: renderReactionCounts(repository, 'reviewComment', comment.id, `${url}/reactions`),
    start_line: comment.startLine,
    original_start_line: comment.originalStartLine,
    start_side: comment.startSide,
    line: comment.line,
    original_line: comment.originalLine,
    side: comment.side,
    position: comment.position,
    original_position: comment.originalPosition,
    subject_type: comment.subjectType,
    ...(comment.inReplyToId === null ? {} : { in_reply_to_id: comment.inReplyToId }),
  }
}
