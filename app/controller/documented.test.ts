import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { sampleJob } from '../../ports/contracts/samples.ts'
import { ModelError, PodsError, StoreError } from '../../ports/errors.ts'
import type { Engines } from '../../ports/model.ts'
import { microUsd } from '../../ports/money.ts'
import type { KeyScope, Store } from '../../ports/store.ts'
import { type EmulatedOllama, startOllama } from '../../sandbox/ollama/start.ts'
import { type ControllerWish, createControllerBench, enginesAt, MODEL } from './__support__/controller-bench.ts'
import { fixedEngineControl } from './fleet-control.ts'
import {
  controlAnswerSchema,
  inferAnswerSchema,
  jobPageSchema,
  jobSchema,
  problemSchema,
  statusSchema,
} from './schemas.ts'

// Every status that the OpenAPI document promises is really answered at least once, in the shape it promises; and no other is tried here.
let ollama: EmulatedOllama
beforeAll(async () => {
  ollama = await startOllama({ models: [MODEL] })
})
afterAll(() => ollama.stop())

interface Case {
  readonly wish?: Partial<ControllerWish>
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
  readonly scope?: KeyScope | 'none'
  readonly query?: string
  readonly prepare?: (bench: ReturnType<typeof createControllerBench>, send: () => Promise<Response>) => Promise<void>
}

const JOB = sampleJob(1, { kind: 'infer', repository: null, pullRequest: null, headSha: null })
const ask = (body: object): Pick<Case, 'body'> => ({ body: JSON.stringify(body) })
const acquire = (error: Error): Case => ({ ...ask({ prompt: 'x' }), wish: { engines: refusing(error) } })
const refusing = (error: Error): Engines => ({ acquire: () => Promise.reject(error) })
const engineSays = (status: number, body: object): Case => ({
  ...ask({ prompt: 'x' }),
  wish: { fetch: async () => Response.json(body, { status }) },
})
const away = new StoreError({ code: 'unavailable', owner: 'retry', message: 'The database is away.', remedy: 'Wait.' })
const withoutStore = (part: 'jobs' | 'pods'): Case => {
  const store = createMemoryStore({ clock: systemClock })
  const gone = new Proxy(store[part], { get: () => () => Promise.reject(away) })
  return { wish: { store: { ...store, [part]: gone } as Store } }
}
const fleet = (over: object) => ({
  ...{ start: async () => {}, stop: async () => {}, shutdown: async () => ({ left: 0 }) },
  ...over,
})
const large: Case = {
  body: new Uint8Array(6 * 1024 * 1024).fill(32),
  headers: { 'content-length': String(6 * 1024 * 1024) },
}
const refused: Readonly<Record<string, Case>> = { 401: { scope: 'none' }, 403: { scope: 'read' } }
const stored: Case = { prepare: (bench) => bench.store.jobs.create(JOB) }
const storeAway = fleet({
  start: () => Promise.reject(away),
  stop: () => Promise.reject(away),
  shutdown: () => Promise.reject(away),
})

/** Nobody listens there. */
const LOOK: Readonly<Record<string, Case>> = {
  200: {},
  401: { scope: 'none' },
  403: { scope: 'read' },
  503: { wish: { fixedEngine: 'http://127.0.0.1:9' } },
}

const CASES: Record<string, Readonly<Record<string, Case>>> = {
  'GET /api/tags': LOOK,
  'GET /api/version': LOOK,
  'GET /v1/models': LOOK,
  'GET /healthz': { 200: { scope: 'none' } },
  'GET /metrics': { 200: { scope: 'none' }, 503: { scope: 'none', ...withoutStore('pods') } },
  'GET /readyz': { 200: { scope: 'none' }, 503: { scope: 'none', wish: { isDraining: () => true } } },
  'POST /infer': {
    ...refused,
    200: ask({ prompt: 'hello' }),
    202: { ...ask({ prompt: 'hello' }), headers: { prefer: 'respond-async' } },
    400: { body: '{"prompt":' },
    402: { ...ask({ prompt: 'x' }), wish: { remainingOf: async () => microUsd(0) } },
    404: ask({ prompt: 'x', model: 'nobody:1b' }),
    409: {
      ...ask({ prompt: 'x' }),
      headers: { 'idempotency-key': 'one' },
      wish: { engines: { acquire: () => new Promise(() => {}) } },
      async prepare({ store }, send) {
        void send()
        await expect.poll(async () => (await store.facts.listByPrefix('idempotency/')).size).toBe(1)
      },
    },
    413: large,
    422: ask({ prompt: 'x', shell: 'rm' }),
    429: engineSays(429, { error: 'too many' }),
    502: engineSays(500, { error: 'llama runner process has terminated' }),
    503: acquire(new PodsError({ code: 'no-capacity', owner: 'retry', message: 'None.', remedy: 'Wait.' })),
    504: acquire(new ModelError({ code: 'timeout', owner: 'retry', message: 'Too slow.', remedy: 'Wait.' })),
  },
  'GET /status': { 200: {}, 401: { scope: 'none' }, 403: { scope: 'infer' }, 503: withoutStore('pods') },
  'POST /control/start': {
    ...refused,
    202: ask({ model: MODEL }),
    400: { body: '{' },
    409: { wish: { fleet: fixedEngineControl } },
    413: large,
    422: ask({ gpu: 'H100' }),
    503: { wish: { fleet: storeAway } },
  },
  'POST /control/stop': {
    ...refused,
    202: {},
    409: { wish: { fleet: fixedEngineControl } },
    413: large,
    503: { wish: { fleet: storeAway } },
  },
  'POST /shutdown': {
    ...refused,
    200: ask({ force: true }),
    400: { body: '{' },
    409: { wish: { running: 1 } },
    413: large,
    422: ask({ force: 'yes' }),
    503: { wish: { fleet: storeAway } },
    504: { wish: { fleet: fleet({ shutdown: async () => ({ left: 1 }) }) } },
  },
  'GET /jobs': {
    200: stored,
    401: { scope: 'none' },
    403: { scope: 'infer' },
    422: { query: '?limit=0' },
    503: withoutStore('jobs'),
  },
  'GET /jobs/{id}': {
    200: stored,
    401: { scope: 'none' },
    403: { scope: 'infer' },
    404: {},
    503: withoutStore('jobs'),
  },
  'DELETE /jobs/{id}': { ...refused, 202: stored, 404: {}, 503: withoutStore('jobs') },
}
for (const [path, body] of Object.entries({
  '/api/chat': { messages: [{ role: 'user', content: 'hello' }] },
  '/api/generate': { prompt: 'hello' },
  '/api/embed': { input: 'hello' },
  '/api/show': {},
  '/v1/chat/completions': { messages: [{ role: 'user', content: 'hello' }] },
  '/v1/embeddings': { input: 'hello' },
}))
  CASES[`POST ${path}`] = gatewayCases(path, body)

function gatewayCases(path: string, given: object): Readonly<Record<string, Case>> {
  const body = ask({ model: MODEL, ...given })
  const image = [{ type: 'image_url', image_url: 'https://evil.test/x.png' }]
  const unfit = path.startsWith('/v1/')
    ? ask({ model: MODEL, messages: [{ role: 'user', content: image }] })
    : ask({ model: MODEL, ...given, options: { num_ctx: 1_000_000 } })
  return {
    ...refused,
    200: body,
    400: { body: '{' },
    402: { ...body, wish: { remainingOf: async () => microUsd(0) } },
    404: ask({ ...given, model: 'nobody:1b' }),
    413: { ...body, headers: { 'content-length': String(26 * 1024 * 1024) } },
    ...(path === '/api/show' || path === '/v1/embeddings' ? {} : { 422: unfit }),
    429: { ...engineSays(429, { error: 'too many' }), ...body },
    502: { ...engineSays(500, { error: 'llama runner process has terminated' }), ...body },
    503: {
      ...acquire(new PodsError({ code: 'no-capacity', owner: 'retry', message: 'None.', remedy: 'Wait.' })),
      ...body,
    },
    504: {
      ...acquire(new ModelError({ code: 'timeout', owner: 'retry', message: 'Too slow.', remedy: 'Wait.' })),
      ...body,
    },
  }
}

const isGateway = (name: string) => / \/(?:api|v1)\//.test(name)
const shapeOf = (name: string, status: number): z.ZodType => {
  const shape = SHAPES[`${name} ${status}`]
  if (shape !== undefined || status < 400) return shape ?? z.unknown()
  if (name === 'GET /metrics') return z.string()
  if (!isGateway(name)) return problemSchema
  return name.includes('/v1/') ? openAiError : z.strictObject({ error: z.string().min(1) })
}
const typeOf = (name: string, status: number): RegExp => {
  if (name === 'GET /metrics') return /^text\/plain/
  return status >= 400 && !isGateway(name) ? /^application\/problem\+json$/ : /^application\/(?:json|x-ndjson)/
}
const openAiError = z.strictObject({
  error: z.strictObject({ message: z.string().min(1), type: z.string(), param: z.null(), code: z.string() }),
})
const SHAPES: Readonly<Record<string, z.ZodType>> = {
  'POST /infer 200': inferAnswerSchema,
  'POST /infer 202': z.strictObject({ id: z.string(), state: z.literal('queued') }),
  'GET /status 200': statusSchema,
  'POST /control/start 202': controlAnswerSchema,
  'POST /control/stop 202': controlAnswerSchema,
  'POST /shutdown 200': controlAnswerSchema,
  'GET /jobs 200': jobPageSchema,
  'GET /jobs/{id} 200': jobSchema,
  'DELETE /jobs/{id} 202': jobSchema,
}
const SCOPES: Readonly<Record<string, KeyScope>> = { GET: 'read', POST: 'control', DELETE: 'control' }

const documentShape = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()).optional() })),
      }),
    ),
  ),
})

describe('the OpenAPI document', () => {
  it('promises the statuses that are answered below, and no others', async () => {
    const { app } = createControllerBench({ engines: enginesAt(ollama.url) })
    const { paths } = documentShape.parse(await (await app.request('/openapi.json')).json())
    const promised = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => [
        `${method.toUpperCase()} ${path}`,
        Object.keys(responses).sort(),
      ]),
    )
    const tried = Object.entries(CASES).map(([name, cases]) => [name, Object.keys(cases).sort()])
    expect(Object.fromEntries(promised)).toEqual(Object.fromEntries(tried))
  })

  const all = Object.entries(CASES).flatMap(([name, cases]) =>
    Object.entries(cases).map(([status, one]) => [name, Number(status), one] as const),
  )
  it.each(all)('%s: %i', async (name, status, one) => {
    const bench = createControllerBench({ engines: enginesAt(ollama.url), ...one.wish })
    const [method = '', path = ''] = name.split(' ')
    const scope = one.scope ?? (name === 'POST /infer' || isGateway(name) ? 'infer' : (SCOPES[method] ?? 'read'))
    const key = scope === 'none' ? undefined : (await bench.key([scope])).key
    const headers = {
      'content-type': 'application/json',
      ...one.headers,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    }
    const send = async () =>
      bench.app.request(path.replace('{id}', JOB.id) + (one.query ?? ''), {
        method,
        headers,
        ...(one.body === undefined ? {} : { body: one.body }),
      })
    await one.prepare?.(bench, send)
    const answer = await send()
    const text = await answer.text()
    // JSON lines are one JSON value each.
    const body: unknown = name === 'GET /metrics' ? text : JSON.parse(text.trim().split('\n').at(-1) ?? '')
    expect([answer.status, body]).toEqual([status, shapeOf(name, status).parse(body)])
    expect(answer.headers.get('content-type')).toMatch(typeOf(name, status))
    expect(answer.headers.has('retry-after')).toBe(
      status === 409 && name === 'POST /infer' ? true : [429, 503].includes(status),
    )
    expect(bench.errors).toEqual([])
  })
})
