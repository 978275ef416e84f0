import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError } from '../api-error.ts'
import { pullRequestOf, reviewOf } from '../acts/find.ts'
import { createReview, dismissReview, editReview, reviewEvents, submitReview } from '../acts/reviews.ts'
import { renderReview, renderReviewComment } from '../render/render-review.ts'
import type { Review } from '../state/conversation.ts'
import { checkMayEdit } from './issue-routes.ts'
import { ok, page } from './replies.ts'
import { placeShape, readPlace } from './review-place.ts'
import type { Call, Reply, Route } from './route.ts'

const read = repositoryAccess('pull_requests', 'read', 'read')
const write = repositoryAccess('pull_requests', 'write', 'read')

const newReview = z.object({
  body: z.string().nullish(),
  event: z.enum(reviewEvents).optional(),
  commit_id: z.string().optional(),
  comments: z.array(placeShape.extend({ body: z.string() })).optional(),
})

function subject(call: Call) {
  const pullRequest = pullRequestOf(call.repository, call.number('pull_number'))
  return { pullRequest, review: reviewOf(call.repository, pullRequest.number, call.number('review_id')) }
}

function answer(call: Call, review: Review): Reply {
  return ok(renderReview(call.world, call.repository, review))
}

async function create(call: Call): Promise<Reply> {
  const pullRequest = pullRequestOf(call.repository, call.number('pull_number'))
  const { commit_id: commitId, comments = [], body, event } = call.read(newReview)
  const placed = comments.map((comment) => ({ ...readPlace(comment), body: comment.body }))
  const request = { body, event, commitId, comments: placed, actor: call.actor }
  return answer(call, await createReview(call.world, call.repository, pullRequest, request))
}

// A pending review is seen by its author alone.
function isVisible(call: Call, review: Review): boolean {
  return review.state !== 'PENDING' || call.viewer?.login === review.authorLogin
}

export const reviewRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    access: read,
    handle: (call) => {
      const { number } = pullRequestOf(call.repository, call.number('pull_number'))
      const reviews = [...call.repository.reviews.values()].filter(
        (review) => review.pullRequestNumber === number && isVisible(call, review),
      )
      return page(call, reviews, (review) => renderReview(call.world, call.repository, review))
    },
  },
  { name: 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', access: write, handle: create },
  {
    name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
    access: read,
    handle: (call) => answer(call, subject(call).review),
  },
  {
    name: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
    access: write,
    handle: async (call) => {
      const { pullRequest, review } = subject(call)
      checkMayEdit(call, review)
      const { body } = call.read(z.object({ body: z.string() }))
      await editReview(call.world, call.repository, pullRequest, { review, body, actor: call.actor })
      return answer(call, review)
    },
  },
  {
    name: 'DELETE /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}',
    access: write,
    handle: (call) => {
      const { review } = subject(call)
      if (review.state !== 'PENDING') throw new ApiError(422, 'Can not delete a non-pending pull request review')
      const reply = answer(call, review)
      call.repository.reviews.delete(review.id)
      return reply
    },
  },
  {
    name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments',
    access: read,
    handle: (call) => {
      const { review } = subject(call)
      const comments = [...call.repository.reviewComments.values()].filter(({ reviewId }) => reviewId === review.id)
      return page(call, comments, (comment) => renderReviewComment(call.world, call.repository, comment))
    },
  },
  {
    name: 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/events',
    access: write,
    handle: async (call) => {
      const { pullRequest, review } = subject(call)
      const { event, body } = call.read(z.object({ event: z.enum(reviewEvents), body: z.string().optional() }))
      await submitReview(call.world, call.repository, pullRequest, { review, event, body, actor: call.actor })
      return answer(call, review)
    },
  },
  {
    name: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals',
    access: repositoryAccess('pull_requests', 'write', 'write'),
    handle: async (call) => {
      const { pullRequest, review } = subject(call)
      const { message } = call.read(z.object({ message: z.string() }))
      await dismissReview(call.world, call.repository, pullRequest, { review, message, actor: call.actor })
      return answer(call, review)
    },
  },
]
