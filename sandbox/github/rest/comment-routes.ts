import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { createComment, deleteComment, editComment } from '../acts/comments.ts'
import { issueCommentOf, issueOf } from '../acts/find.ts'
import { renderIssueComment } from '../render/render-issue.ts'
import type { IssueComment } from '../state/conversation.ts'
import { checkMayEdit } from './issue-routes.ts'
import { created, noContent, ok, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const either = ['issues', 'pull_requests']
const read = repositoryAccess(either, 'read', 'read')
const write = repositoryAccess(either, 'write', 'read')
const withBody = z.object({ body: z.string() })

function list(call: Call, isWanted: (comment: IssueComment) => boolean): Reply {
  const since = call.query('since')
  const items = [...call.repository.issueComments.values()]
    .filter(isWanted)
    .filter((comment) => since === undefined || Date.parse(comment.updatedAt) >= Date.parse(since))
  const key = (comment: IssueComment) => (call.query('sort') === 'updated' ? Date.parse(comment.updatedAt) : comment.id)
  const sign = call.query('direction') === 'desc' ? -1 : 1
  items.sort((left, right) => sign * (key(left) - key(right)))
  return page(call, items, (comment) => renderIssueComment(call.world, call.repository, comment))
}

function commentOf(call: Call): IssueComment {
  return issueCommentOf(call.repository, call.number('comment_id'))
}

export const commentRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    access: read,
    handle: (call) => {
      const { number } = issueOf(call.repository, call.number('issue_number'))
      return list(call, (comment) => comment.issueNumber === number)
    },
  },
  { name: 'GET /repos/{owner}/{repo}/issues/comments', access: read, handle: (call) => list(call, () => true) },
  {
    name: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    access: write,
    handle: (call) => {
      const { body } = call.read(withBody)
      const request = { number: call.number('issue_number'), body, actor: call.actor }
      return created(
        renderIssueComment(call.world, call.repository, createComment(call.world, call.repository, request)),
      )
    },
  },
  {
    name: 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}',
    access: read,
    handle: (call) => ok(renderIssueComment(call.world, call.repository, commentOf(call))),
  },
  {
    name: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
    access: write,
    handle: (call) => {
      const comment = commentOf(call)
      checkMayEdit(call, comment)
      editComment(call.world, call.repository, comment, { body: call.read(withBody).body, actor: call.actor })
      return ok(renderIssueComment(call.world, call.repository, comment))
    },
  },
  {
    name: 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}',
    access: write,
    handle: (call) => {
      const comment = commentOf(call)
      checkMayEdit(call, comment)
      deleteComment(call.world, call.repository, comment, call.actor)
      return noContent
    },
  },
]
