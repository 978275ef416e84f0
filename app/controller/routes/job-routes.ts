import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { jobId } from '../../../ports/ids.ts'
import type { JobKind, JobState } from '../../../ports/store.ts'
import type { ControllerEnv } from '../auth.ts'
import { jobAnswer } from '../job-answer.ts'
import type { ControllerParts } from '../parts.ts'
import { RequestRefused } from '../problem.ts'
import { jobPageSchema, jobSchema } from '../schemas.ts'
import { secured } from './secured.ts'

const KINDS = ['review', 'ask', 'infer', 'governance', 'report'] as const satisfies readonly JobKind[]
const STATES = [
  'queued',
  'waiting_pod',
  'running',
  'publishing',
  'done',
  'failed',
  'cancelled',
] as const satisfies readonly JobState[]

const listRoute = createRoute({
  method: 'get',
  path: '/jobs',
  tags: ['Jobs'],
  summary: 'Jobs, newest first',
  security: [{ bearer: ['read'] }],
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(10),
      cursor: z
        .string()
        .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/)
        .optional(),
      kind: z.enum(KINDS).optional(),
      state: z.enum(STATES).optional(),
      repository: z.string().max(200).optional(),
    }),
  },
  responses: {
    200: { description: 'One page', content: { 'application/json': { schema: jobPageSchema } } },
    ...secured('read', [401, 403, 422, 503]).responses,
  },
})

const oneParams = { params: z.object({ id: z.string() }) }
const getRoute = createRoute({
  method: 'get',
  path: '/jobs/{id}',
  tags: ['Jobs'],
  summary: 'One job',
  security: [{ bearer: ['read'] }],
  request: oneParams,
  responses: {
    200: { description: 'The job', content: { 'application/json': { schema: jobSchema } } },
    ...secured('read', [401, 403, 404, 503]).responses,
  },
})
const cancelRoute = createRoute({
  method: 'delete',
  path: '/jobs/{id}',
  tags: ['Jobs'],
  summary: 'Cancel a job',
  security: [{ bearer: ['control'] }],
  request: oneParams,
  responses: {
    202: {
      description: 'It ends as soon as its current call lets go',
      content: { 'application/json': { schema: jobSchema } },
    },
    ...secured('control', [401, 403, 404, 503]).responses,
  },
})

export function addJobRoutes(app: OpenAPIHono<ControllerEnv>, parts: ControllerParts): void {
  const { jobs } = parts.store
  const find = async (text: string) => {
    const id = jobId.safeParse(text)
    const row = id.success ? await jobs.find(id.data) : undefined
    if (!row) throw new RequestRefused(404, 'not-found', 'There is no job with this id.', '`GET /jobs` lists them.')
    return row
  }
  app.openapi(listRoute, async (context) => {
    const { limit, cursor, kind, state, repository } = context.req.valid('query')
    const filter = { ...(kind ? { kind } : {}), ...(state ? { state } : {}), ...(repository ? { repository } : {}) }
    const rows = await jobs.list(filter, limit + 1, cursor === undefined ? undefined : jobId.parse(cursor))
    const page = rows.slice(0, limit)
    return context.json(
      { jobs: page.map(jobAnswer), nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null },
      200,
    )
  })
  app.openapi(getRoute, async (context) => context.json(jobAnswer(await find(context.req.valid('param').id)), 200))
  app.openapi(cancelRoute, async (context) => {
    const row = await find(context.req.valid('param').id)
    if (row.endedAt === null) {
      await jobs.requestCancel(row.id)
      await parts.store.notify('jobs')
    }
    return context.json(jobAnswer(await find(row.id)), 202)
  })
}
