import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { ControllerEnv } from '../auth.ts'
import type { ControllerParts } from '../parts.ts'
import { RequestRefused } from '../problem.ts'
import { controlAnswerSchema, statusSchema } from '../schemas.ts'
import { secured } from './secured.ts'

const SHUTDOWN_MS = 120_000

const answer = (description: string) => ({
  description,
  content: { 'application/json': { schema: controlAnswerSchema } },
})
const control = { tags: ['Control'], security: [{ bearer: ['control'] }] }
const refusals = (statuses: readonly number[]) => secured('control', [401, 403, 409, 413, 503, ...statuses]).responses

const statusRoute = createRoute({
  method: 'get',
  path: '/status',
  tags: ['Status'],
  summary: 'Pod, queue, cost and the numbers that are watched',
  security: [{ bearer: ['read'] }],
  responses: {
    200: { description: 'Now', content: { 'application/json': { schema: statusSchema } } },
    ...secured('read', [401, 403, 503]).responses,
  },
})
const startRoute = createRoute({
  method: 'post',
  path: '/control/start',
  ...control,
  summary: 'Warm a pod; poll `/status` until it is ready',
  request: {
    body: {
      required: false,
      content: { 'application/json': { schema: z.strictObject({ model: z.string().min(1).max(200).optional() }) } },
    },
  },
  responses: { 202: answer('Wanted'), ...refusals([400, 422]) },
})
const stopRoute = createRoute({
  method: 'post',
  path: '/control/stop',
  ...control,
  summary: 'Drain: no new calls, pods end when theirs have',
  responses: { 202: answer('Draining'), ...refusals([]) },
})
const shutdownRoute = createRoute({
  method: 'post',
  path: '/shutdown',
  ...control,
  summary: 'End every pod now and wait for the proof',
  request: {
    body: {
      required: false,
      content: { 'application/json': { schema: z.strictObject({ force: z.boolean().optional() }) } },
    },
  },
  responses: { 200: answer('Every pod is proven gone'), ...refusals([400, 422, 504]) },
})

export function addControlRoutes(app: OpenAPIHono<ControllerEnv>, parts: ControllerParts): void {
  app.openapi(statusRoute, async (context) => context.json(await parts.readStatus(), 200))
  app.openapi(startRoute, async (context) => {
    const model = context.req.valid('json')?.model ?? parts.gateway.defaultModel
    await parts.fleet.start(model)
    return context.json(
      { state: 'starting', message: `A pod with ${model} is wanted; GET /status says when it is ready.` },
      202,
      { location: '/status' },
    )
  })
  app.openapi(stopRoute, async (context) => {
    await parts.fleet.stop()
    return context.json({ state: 'draining', message: 'Pods take no new calls and end when theirs have.' }, 202, {
      location: '/status',
    })
  })
  app.openapi(shutdownRoute, async (context) => {
    const force = context.req.valid('json')?.force ?? false
    const active = await parts.countRunning()
    if (active > 0 && !force) {
      throw new RequestRefused(
        409,
        'jobs-running',
        `${active} job(s) or calls are running.`,
        'Send {"force": true} to end their pods all the same, or POST /control/stop to drain.',
      )
    }
    const { left } = await parts.fleet.shutdown(
      AbortSignal.any([context.req.raw.signal, AbortSignal.timeout(SHUTDOWN_MS)]),
    )
    if (left > 0) {
      throw new RequestRefused(
        504,
        'not-proven',
        `${left} pod(s) are deleted but not yet proven gone.`,
        'The sweep goes on; GET /status shows when they are.',
      )
    }
    return context.json({ state: 'gone', message: 'Every pod is proven gone.' }, 200)
  })
}
