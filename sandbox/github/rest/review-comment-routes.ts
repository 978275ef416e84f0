import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { pullRequestOf, reviewCommentOf } from '../acts/find.ts'
import {
  createReviewComment,
  deleteReviewComment,
  editReviewComment,
  replyToReviewComment,
} from '../acts/review-comments.ts'
import { renderReviewComment } from '../render/render-review.ts'
import type { ReviewComment } from '../state/conversation.ts'
import { checkMayEdit } from './issue-routes.ts'
import { created, noContent, ok, page } from './replies.ts'
import { placeShape, readPlace } from './review-place.ts'
import type { Call, Reply, Route } from './route.ts'

const read = repositoryAccess('pull_requests', 'read', 'read')
const write = repositoryAccess('pull_requests', 'write', 'read')

const newComment = placeShape.extend({ body: z.string(), commit_id: z.string(), in_reply_to: z.number().optional() })
const withBody = z.object({ body: z.string() })

function list(call: Call, isWanted: (comment: ReviewComment) => boolean): Reply {
  const since = call.query('since')
  const visible = (comment: ReviewComment) => call.repository.reviews.get(comment.reviewId)?.state !== 'PENDING'
  const items = [...call.repository.reviewComments.values()]
    .filter((comment) => isWanted(comment) && visible(comment))
    .filter((comment) => since === undefined || Date.parse(comment.updatedAt) >= Date.parse(since))
  if (call.query('direction') === 'desc') items.reverse()
  return page(call, items, (comment) => renderReviewComment(call.world, call.repository, comment))
}

async function create(call: Call): Promise<Reply> {
  const { world, repository, actor } = call
  const pullRequest = pullRequestOf(repository, call.number('pull_number'))
  const inReplyTo = z.object({ in_reply_to: z.number(), body: z.string() }).safeParse(call.body)
  if (inReplyTo.success) return reply(call, inReplyTo.data.in_reply_to, inReplyTo.data.body)
  const { body, commit_id: commitId, ...shape } = call.read(newComment)
  const request = { wanted: readPlace(shape), body, commitId, actor }
  return created(
    renderReviewComment(world, repository, await createReviewComment(world, repository, pullRequest, request)),
  )
}

async function reply(call: Call, toId: number, body: string): Promise<Reply> {
  const { world, repository, actor } = call
  const pullRequest = pullRequestOf(repository, call.number('pull_number'))
  const to = reviewCommentOf(repository, toId)
  const comment = await replyToReviewComment(world, repository, pullRequest, { to, body, actor })
  return created(renderReviewComment(world, repository, comment))
}

function commentOf(call: Call): ReviewComment {
  return reviewCommentOf(call.repository, call.number('comment_id'))
}

export const reviewCommentRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments',
    access: read,
    handle: (call) => {
      const { number } = pullRequestOf(call.repository, call.number('pull_number'))
      return list(call, (comment) => comment.pullRequestNumber === number)
    },
  },
  { name: 'GET /repos/{owner}/{repo}/pulls/comments', access: read, handle: (call) => list(call, () => true) },
  { name: 'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments', access: write, handle: create },
  {
    name: 'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies',
    access: write,
    handle: (call) => reply(call, call.number('comment_id'), call.read(withBody).body),
  },
  {
    name: 'GET /repos/{owner}/{repo}/pulls/comments/{comment_id}',
    access: read,
    handle: (call) => ok(renderReviewComment(call.world, call.repository, commentOf(call))),
  },
  {
    name: 'PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}',
    access: write,
    handle: async (call) => {
      const comment = commentOf(call)
      checkMayEdit(call, comment)
      await editReviewComment(call.world, call.repository, comment, {
        body: call.read(withBody).body,
        actor: call.actor,
      })
      return ok(renderReviewComment(call.world, call.repository, comment))
    },
  },
  {
    name: 'DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}',
    access: write,
    handle: async (call) => {
      const comment = commentOf(call)
      checkMayEdit(call, comment)
      await deleteReviewComment(call.world, call.repository, comment, call.actor)
      return noContent
    },
  },
]
