import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { issueCommentOf, issueOf, reviewCommentOf } from '../acts/find.ts'
import { listReactions, react, removeReaction } from '../acts/reactions.ts'
import type { OperationName } from '../contracts/operation-names.ts'
import { renderReaction } from '../render/render-issue.ts'
import { reactionContents, type ReactionSubject } from '../state/conversation.ts'
import { noContent, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const withContent = z.object({ content: z.enum(reactionContents) })

interface Subject {
  readonly subject: ReactionSubject
  readonly permissions: readonly string[]
  readonly names: readonly [list: OperationName, create: OperationName, remove: OperationName]
  /** Which one is meant; 404 if there is none. */
  readonly find: (call: Call) => number
}

const either = ['issues', 'pull_requests']
const subjects: readonly Subject[] = [
  {
    subject: 'issue',
    permissions: either,
    names: [
      'GET /repos/{owner}/{repo}/issues/{issue_number}/reactions',
      'POST /repos/{owner}/{repo}/issues/{issue_number}/reactions',
      'DELETE /repos/{owner}/{repo}/issues/{issue_number}/reactions/{reaction_id}',
    ],
    find: (call) => issueOf(call.repository, call.number('issue_number')).number,
  },
  {
    subject: 'issueComment',
    permissions: either,
    names: [
      'GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
      'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
      'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}',
    ],
    find: (call) => issueCommentOf(call.repository, call.number('comment_id')).id,
  },
  {
    subject: 'reviewComment',
    permissions: ['pull_requests'],
    names: [
      'GET /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions',
      'POST /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions',
      'DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions/{reaction_id}',
    ],
    find: (call) => reviewCommentOf(call.repository, call.number('comment_id')).id,
  },
]

function list(call: Call, subject: ReactionSubject, subjectId: number): Reply {
  const content = call.query('content')
  const items = listReactions(call.repository, subject, subjectId).filter(
    (reaction) => content === undefined || reaction.content === content,
  )
  return page(call, items, (reaction) => renderReaction(call.world, reaction))
}

function create(call: Call, subject: ReactionSubject, subjectId: number): Reply {
  const { content } = call.read(withContent)
  const { reaction, isNew } = react(call.world, call.repository, { subject, subjectId, content, actor: call.actor })
  return { status: isNew ? 201 : 200, body: renderReaction(call.world, reaction) }
}

function remove(call: Call, subject: ReactionSubject, subjectId: number): Reply {
  removeReaction(call.world, call.repository, { subject, subjectId, id: call.number('reaction_id') })
  return noContent
}

export const reactionRoutes: readonly Route[] = subjects.flatMap(({ subject, permissions, names, find }) => [
  {
    name: names[0],
    access: repositoryAccess(permissions, 'read', 'read'),
    handle: (call: Call) => list(call, subject, find(call)),
  },
  {
    name: names[1],
    access: repositoryAccess(permissions, 'write', 'read'),
    handle: (call: Call) => create(call, subject, find(call)),
  },
  {
    name: names[2],
    access: repositoryAccess(permissions, 'write', 'read'),
    handle: (call: Call) => remove(call, subject, find(call)),
  },
])
