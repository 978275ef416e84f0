import { checkBodyLength, validationFailed } from '../api-error.ts'
import type { JsonObject } from '../contracts/json.ts'
import { renderIssue, renderIssueComment } from '../render/render-issue.ts'
import type { Actor } from '../state/account.ts'
import type { IssueComment } from '../state/conversation.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { issueOf } from './find.ts'

export function createComment(
  world: World,
  repository: Repository,
  request: { number: number; body: string; actor: Actor },
): IssueComment {
  const { number, body, actor } = request
  const issue = issueOf(repository, number)
  checkBody(body)
  const now = world.now()
  const comment: IssueComment = {
    id: world.nextId(),
    issueNumber: number,
    authorLogin: actor.account.login,
    viaAppId: actor.viaAppId ?? null,
    createdAt: now,
    body,
    updatedAt: now,
  }
  repository.issueComments.set(comment.id, comment)
  issue.updatedAt = now
  emitComment(world, repository, { comment, action: 'created', actor })
  return comment
}

export function editComment(
  world: World,
  repository: Repository,
  comment: IssueComment,
  change: { body: string; actor: Actor },
): void {
  checkBody(change.body)
  const changes = { body: { from: comment.body } }
  comment.body = change.body
  comment.updatedAt = world.now()
  emitComment(world, repository, { comment, action: 'edited', actor: change.actor, extra: { changes } })
}

export function deleteComment(world: World, repository: Repository, comment: IssueComment, actor: Actor): void {
  repository.issueComments.delete(comment.id)
  emitComment(world, repository, { comment, action: 'deleted', actor })
}

export function checkBody(body: string): void {
  if (body.trim() === '') throw validationFailed({ resource: 'IssueComment', code: 'missing_field', field: 'body' })
  checkBodyLength('IssueComment', body)
}

function emitComment(
  world: World,
  repository: Repository,
  event: { comment: IssueComment; action: string; actor: Actor; extra?: JsonObject },
): void {
  const { comment, action, actor, extra = {} } = event
  const issue = repository.issues.get(comment.issueNumber)
  if (issue === undefined) return
  const payload = {
    issue: renderIssue(world, repository, issue),
    comment: renderIssueComment(world, repository, comment),
    ...extra,
  }
  emit(world, { name: 'issue_comment', action, actor, repository, payload })
}
