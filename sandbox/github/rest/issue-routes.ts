import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError } from '../api-error.ts'
import { issueOf } from '../acts/find.ts'
import { openIssue, updateIssue } from '../acts/issues.ts'
import { addLabels } from '../acts/labels.ts'
import { updatePullRequest } from '../acts/update-pull-request.ts'
import { renderIssue } from '../render/render-issue.ts'
import type { Issue } from '../state/issue.ts'
import { hasRole } from '../state/permissions.ts'
import { created, ok, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const either = ['issues', 'pull_requests']
const read = repositoryAccess(either, 'read', 'read')
const write = repositoryAccess(either, 'write', 'read')

const newIssue = z.object({
  title: z.union([z.string(), z.number()]).transform(String),
  body: z.string().nullish(),
  labels: z.array(z.string()).optional(),
})
const issueChange = z.object({
  title: z.union([z.string(), z.number()]).transform(String).nullish(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.enum(['completed', 'not_planned', 'reopened', 'duplicate']).nullish(),
  labels: z.array(z.string()).optional(),
})

function listIssues(call: Call): Reply {
  const state = call.query('state') ?? 'open'
  const labels = call.query('labels')?.split(',') ?? []
  const since = call.query('since')
  const creator = call.query('creator')
  const items = [...call.repository.issues.values()]
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => labels.every((label) => issue.labels.includes(label)))
    .filter((issue) => since === undefined || Date.parse(issue.updatedAt) >= Date.parse(since))
    .filter((issue) => creator === undefined || issue.authorLogin === creator)
  return page(call, sortIssues(call, items), (issue) => renderIssue(call.world, call.repository, issue))
}

function sortIssues(call: Call, items: Issue[]): Issue[] {
  const key = (issue: Issue) => (call.query('sort') === 'updated' ? Date.parse(issue.updatedAt) : issue.number)
  const sign = call.query('direction') === 'asc' ? 1 : -1
  return items.sort((left, right) => sign * (key(left) - key(right) || left.number - right.number))
}

async function changeIssue(call: Call): Promise<Reply> {
  const { world, repository, actor } = call
  const issue = issueOf(repository, call.number('issue_number'))
  const change = call.read(issueChange)
  checkMayEdit(call, issue)
  const { body, state, labels } = change
  const stateReason = change.state_reason === 'duplicate' ? 'not_planned' : (change.state_reason ?? undefined)
  const wanted = { title: change.title ?? undefined, body, state, stateReason, actor }
  const pullRequest = repository.pullRequests.get(issue.number)
  if (pullRequest === undefined) updateIssue(world, repository, issue, wanted)
  else await updatePullRequest(world, repository, pullRequest, wanted)
  if (labels !== undefined) {
    issue.labels = issue.labels.filter((name) => labels.includes(name))
    await addLabels(world, repository, issue, { names: labels, actor })
  }
  return ok(renderIssue(world, repository, issue))
}

/** People without write access may change only what they opened. */
export function checkMayEdit(call: Call, subject: { readonly authorLogin: string }): void {
  if (call.caller.kind !== 'person') return
  const { login } = call.caller.account
  if (subject.authorLogin === login || hasRole(call.world, call.repository, login, 'triage')) return
  throw new ApiError(403, 'Must have admin rights to Repository.')
}

export const issueRoutes: readonly Route[] = [
  { name: 'GET /repos/{owner}/{repo}/issues', access: read, handle: listIssues },
  {
    name: 'POST /repos/{owner}/{repo}/issues',
    access: repositoryAccess('issues', 'write', 'read'),
    handle: (call) => {
      const { title, body = null, labels = [] } = call.read(newIssue)
      const issue = openIssue(call.world, call.repository, { title, body, labels, actor: call.actor })
      return created(renderIssue(call.world, call.repository, issue))
    },
  },
  {
    name: 'GET /repos/{owner}/{repo}/issues/{issue_number}',
    access: read,
    handle: (call) =>
      ok(renderIssue(call.world, call.repository, issueOf(call.repository, call.number('issue_number')))),
  },
  { name: 'PATCH /repos/{owner}/{repo}/issues/{issue_number}', access: write, handle: changeIssue },
]
