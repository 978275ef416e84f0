import { checkBodyLength, validationFailed } from '../api-error.ts'
import type { JsonObject } from '../contracts/json.ts'
import { renderIssue } from '../render/render-issue.ts'
import type { Actor } from '../state/account.ts'
import type { Issue } from '../state/issue.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { note } from './emit-pull-request.ts'

/** Takes the next number for an issue or a pull request; tells nobody yet. */
export function addIssue(
  world: World,
  repository: Repository,
  request: { title: string; body: string | null; actor: Actor },
): Issue {
  const now = world.now()
  const issue: Issue = {
    id: world.nextId(),
    number: repository.nextNumber,
    authorLogin: request.actor.account.login,
    viaAppId: request.actor.viaAppId ?? null,
    createdAt: now,
    timeline: [],
    title: request.title,
    body: request.body,
    state: 'open',
    stateReason: null,
    labels: [],
    assignees: [],
    updatedAt: now,
    closedAt: null,
    closedBy: null,
  }
  repository.nextNumber += 1
  repository.issues.set(issue.number, issue)
  return issue
}

export function openIssue(
  world: World,
  repository: Repository,
  request: { title: string; body: string | null; labels?: readonly string[]; actor: Actor },
): Issue {
  checkBodyLength('Issue', request.body)
  const issue = addIssue(world, repository, request)
  issue.labels.push(...(request.labels ?? []).filter((name) => repository.labels.has(name)))
  emitIssue(world, repository, { issue, action: 'opened', actor: request.actor })
  return issue
}

export interface IssueChange {
  readonly title?: string | undefined
  readonly body?: string | null | undefined
  readonly state?: 'open' | 'closed' | undefined
  readonly stateReason?: Issue['stateReason'] | undefined
  readonly actor: Actor
}

/** Changes an issue that is no pull request. */
export function updateIssue(world: World, repository: Repository, issue: Issue, change: IssueChange): void {
  const changes = editText(world, issue, change)
  if (changes !== undefined)
    emitIssue(world, repository, { issue, action: 'edited', actor: change.actor, extra: { changes } })
  if (setState(world, issue, change)) {
    const action = issue.state === 'closed' ? 'closed' : 'reopened'
    emitIssue(world, repository, { issue, action, actor: change.actor })
  }
}

/** Applies a new title and body; answers what webhooks call `changes`, or undefined if nothing changed. */
export function editText(world: World, issue: Issue, change: IssueChange): JsonObject | undefined {
  const { title, body, actor } = change
  const changes: JsonObject = {}
  if (title === '') throw validationFailed({ resource: 'Issue', code: 'missing_field', field: 'title' })
  if (body !== undefined) checkBodyLength('Issue', body)
  if (title !== undefined && title !== issue.title) {
    changes.title = { from: issue.title }
    note(world, issue, actor, `changed the title from “${issue.title}”`)
    issue.title = title
  }
  if (body !== undefined && body !== issue.body) {
    changes.body = { from: issue.body ?? '' }
    issue.body = body
    issue.updatedAt = world.now()
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}

/** Closes or reopens; answers whether that changed anything. */
export function setState(world: World, issue: Issue, change: IssueChange): boolean {
  const { state, stateReason, actor } = change
  if (state === undefined || state === issue.state) return false
  const isClosed = state === 'closed'
  issue.state = state
  issue.stateReason = stateReason ?? (isClosed ? 'completed' : 'reopened')
  issue.closedAt = isClosed ? world.now() : null
  issue.closedBy = isClosed ? actor.account.login : null
  note(world, issue, actor, isClosed ? 'closed this' : 'reopened this')
  return true
}

export function emitIssue(
  world: World,
  repository: Repository,
  event: { issue: Issue; action: string; actor: Actor; extra?: JsonObject },
): void {
  const { issue, action, actor, extra = {} } = event
  emit(world, {
    name: 'issues',
    action,
    actor,
    repository,
    payload: { issue: renderIssue(world, repository, issue), ...extra },
  })
}
