import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { notFound } from '../api-error.ts'
import { issueOf } from '../acts/find.ts'
import { addLabels, createLabel, removeLabel } from '../acts/labels.ts'
import { renderLabel, renderLabels } from '../render/render-issue.ts'
import { created, ok, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const either = ['issues', 'pull_requests']
const read = repositoryAccess(either, 'read', 'read')
const write = repositoryAccess(either, 'write', 'triage')

const named = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
const names = z.union([
  z.object({ labels: z.array(named).optional() }).transform(({ labels }) => labels ?? []),
  z.array(named),
])
const newLabel = z.object({ name: z.string(), color: z.string().optional(), description: z.string().nullish() })

function issueLabels(call: Call): Reply {
  const issue = issueOf(call.repository, call.number('issue_number'))
  return ok(renderLabels(call.world, call.repository, issue))
}

async function add(call: Call): Promise<Reply> {
  const issue = issueOf(call.repository, call.number('issue_number'))
  await addLabels(call.world, call.repository, issue, { names: call.read(names), actor: call.actor })
  return issueLabels(call)
}

async function replace(call: Call): Promise<Reply> {
  const issue = issueOf(call.repository, call.number('issue_number'))
  const wanted = call.read(names)
  for (const name of issue.labels.filter((label) => !wanted.includes(label))) {
    await removeLabel(call.world, call.repository, issue, { name, actor: call.actor })
  }
  return add(call)
}

async function remove(call: Call): Promise<Reply> {
  const issue = issueOf(call.repository, call.number('issue_number'))
  await removeLabel(call.world, call.repository, issue, { name: call.param('name'), actor: call.actor })
  return issueLabels(call)
}

export const labelRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/labels',
    access: read,
    handle: (call) =>
      page(call, [...call.repository.labels.values()], (label) => renderLabel(call.world, call.repository, label)),
  },
  {
    name: 'POST /repos/{owner}/{repo}/labels',
    access: write,
    handle: (call) =>
      created(renderLabel(call.world, call.repository, createLabel(call.world, call.repository, call.read(newLabel)))),
  },
  {
    name: 'GET /repos/{owner}/{repo}/labels/{name}',
    access: read,
    handle: (call) => {
      const label = call.repository.labels.get(call.param('name'))
      if (label === undefined) throw notFound()
      return ok(renderLabel(call.world, call.repository, label))
    },
  },
  { name: 'GET /repos/{owner}/{repo}/issues/{issue_number}/labels', access: read, handle: issueLabels },
  { name: 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels', access: write, handle: add },
  { name: 'PUT /repos/{owner}/{repo}/issues/{issue_number}/labels', access: write, handle: replace },
  { name: 'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}', access: write, handle: remove },
]
