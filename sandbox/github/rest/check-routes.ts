import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError } from '../api-error.ts'
import { type CheckRunChange, createCheckRun, rerequestRun, updateCheckRun } from '../acts/checks.ts'
import { checkRunOf } from '../acts/find.ts'
import { renderAnnotation, renderCheckRun } from '../render/render-check.ts'
import { conclusions } from '../state/check.ts'
import { created, ok, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const read = repositoryAccess('checks', 'read', 'read')
const write = repositoryAccess('checks', 'write', 'write')

const annotation = z.object({
  path: z.string(),
  start_line: z.number().int(),
  end_line: z.number().int(),
  start_column: z.number().int().optional(),
  end_column: z.number().int().optional(),
  annotation_level: z.enum(['notice', 'warning', 'failure']),
  message: z.string(),
  title: z.string().optional(),
  raw_details: z.string().optional(),
})
const change = z.object({
  name: z.string().optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  status: z.enum(['queued', 'in_progress', 'completed']).optional(),
  started_at: z.string().optional(),
  conclusion: z.enum(conclusions).optional(),
  completed_at: z.string().optional(),
  output: z
    .object({
      title: z.string().optional(),
      summary: z.string().optional(),
      text: z.string().optional(),
      annotations: z.array(annotation).optional(),
    })
    .optional(),
  actions: z.array(z.object({ label: z.string(), description: z.string(), identifier: z.string() })).optional(),
})

function readChange(shape: z.infer<typeof change>): CheckRunChange {
  const { name, status, conclusion, output, actions } = shape
  return {
    name,
    status,
    conclusion,
    output,
    actions,
    externalId: shape.external_id,
    detailsUrl: shape.details_url,
    startedAt: shape.started_at,
    completedAt: shape.completed_at,
  }
}

// Check runs belong to Apps; a person's token can read but not write them.
function ownAppId(call: Call): number {
  if (call.caller.kind !== 'installation') throw new ApiError(403, 'You must authenticate via a GitHub App.')
  return call.caller.registration.id
}

async function create(call: Call): Promise<Reply> {
  const appId = ownAppId(call)
  const { head_sha: headSha, name, ...shape } = call.read(change.extend({ name: z.string(), head_sha: z.string() }))
  const request = { ...readChange(shape), name, headSha, appId, actor: call.actor }
  const run = await createCheckRun(call.world, call.repository, request)
  return created(renderCheckRun(call.world, call.repository, run))
}

async function update(call: Call): Promise<Reply> {
  const appId = ownAppId(call)
  const run = checkRunOf(call.repository, call.number('check_run_id'))
  if (run.appId !== appId)
    throw new ApiError(
      403,
      `Invalid app_id \`${run.appId}\` - check run can only be modified by the GitHub App that created it.`,
    )
  await updateCheckRun(call.world, call.repository, run, { ...readChange(call.read(change)), actor: call.actor })
  return ok(renderCheckRun(call.world, call.repository, run))
}

export const checkRoutes: readonly Route[] = [
  { name: 'POST /repos/{owner}/{repo}/check-runs', access: write, handle: create },
  {
    name: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
    access: read,
    handle: (call) =>
      ok(renderCheckRun(call.world, call.repository, checkRunOf(call.repository, call.number('check_run_id')))),
  },
  { name: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', access: write, handle: update },
  {
    name: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations',
    access: read,
    handle: (call) => {
      const run = checkRunOf(call.repository, call.number('check_run_id'))
      return page(call, run.annotations, (item) => renderAnnotation(call.world, call.repository, run, item))
    },
  },
  {
    name: 'POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest',
    access: write,
    handle: (call) => {
      rerequestRun(call.world, call.repository, checkRunOf(call.repository, call.number('check_run_id')), call.actor)
      return created({})
    },
  },
]
