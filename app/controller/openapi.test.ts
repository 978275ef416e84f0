import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type EmulatedOllama, startOllama } from '../../sandbox/ollama/start.ts'
import type { KeyScope } from '../../ports/store.ts'
import { type ControllerBench, createControllerBench, enginesAt, MODEL } from './__support__/controller-bench.ts'

const documentShape = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        tags: z.array(z.string()),
        security: z.array(z.object({ bearer: z.array(z.string()) })),
        requestBody: z.unknown().optional(),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
})
const problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string().min(1),
  status: z.number().int(),
  detail: z.string().min(1),
  code: z.string().min(1),
  remedy: z.string(),
  requestId: z.uuid(),
})

let ollama: EmulatedOllama
let bench: ControllerBench
const keys = new Map<KeyScope, string>()
const operations: {
  readonly method: string
  readonly path: string
  readonly scope: KeyScope
  readonly body: boolean
}[] = []
const declared = new Map<string, readonly string[]>()

beforeAll(async () => {
  ollama = await startOllama({ models: [MODEL] })
  bench = createControllerBench({ engines: enginesAt(ollama.url) })
  for (const scope of ['infer', 'read', 'control'] as const) keys.set(scope, (await bench.key([scope])).key)
  const document = documentShape.parse(await (await bench.app.request('/openapi.json')).json())
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { tags, security, requestBody, responses }] of Object.entries(methods)) {
      // The gateway refuses in words of other protocols, and open routes refuse nobody: documented.test.ts has them all.
      if (tags.includes('Gateway') || tags.includes('Open')) continue
      const scope = z.enum(['infer', 'read', 'control']).parse(security[0]?.bearer[0])
      const real = path.replace('{id}', '01JD0000000000000000000001')
      operations.push({ method: method.toUpperCase(), path: real, scope, body: requestBody !== undefined })
      declared.set(`${method.toUpperCase()} ${real}`, Object.keys(responses))
    }
  }
})
afterAll(async () => {
  await bench.close()
  await ollama.stop()
})

function send(
  method: string,
  path: string,
  key: string | undefined,
  body?: string | Uint8Array<ArrayBuffer>,
  more = {},
) {
  const headers: Record<string, string> = { 'content-type': 'application/json', ...more }
  if (key !== undefined) headers.authorization = `Bearer ${key}`
  return bench.app.request(path, { method, headers, ...(body === undefined ? {} : { body }) })
}

async function expectProblem(answer: Response, status: number, code: string) {
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const told = problem.parse(await answer.json())
  expect({ status: answer.status, code: told.code }).toEqual({ status, code })
  expect(told.status).toBe(status)
  expect(told.requestId).toBe(answer.headers.get('x-request-id'))
  return told
}

describe('every route of the OpenAPI document', () => {
  it('is one of the promised ones', () => {
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'DELETE /jobs/01JD0000000000000000000001',
      'GET /jobs',
      'GET /jobs/01JD0000000000000000000001',
      'GET /status',
      'POST /control/start',
      'POST /control/stop',
      'POST /infer',
      'POST /shutdown',
    ])
  })

  it('refuses no key, a foreign one, a wrong one and another scheme with 401', async () => {
    for (const { method, path } of operations) {
      for (const key of [undefined, 'ghp_x', `dlk_${'0'.repeat(64)}`]) {
        const answer = await send(method, path, key)
        await expectProblem(answer, 401, 'unauthorized')
        expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="devloop"')
      }
      await expectProblem(
        await send(method, path, undefined, undefined, { authorization: 'Basic eDp5' }),
        401,
        'unauthorized',
      )
      expect(declared.get(`${method} ${path}`)).toEqual(expect.arrayContaining(['401', '403']))
    }
  })

  it('refuses a revoked key with 401 and a key of another scope with 403', async () => {
    const revoked = await bench.key(['infer', 'read', 'control'], 'gone')
    await bench.store.keys.revoke(revoked.id, 1)
    for (const { method, path, scope } of operations) {
      await expectProblem(await send(method, path, revoked.key), 401, 'unauthorized')
      for (const other of ['infer', 'read', 'control'] as const) {
        if (other === scope) continue
        const told = await expectProblem(await send(method, path, keys.get(other)), 403, 'missing-scope')
        expect(told.detail).toContain(`needs ${scope}`)
      }
    }
  })

  it('with a body refuses broken JSON, unknown fields, wrong types and six megabytes', async () => {
    const withBody = operations.filter(({ body }) => body)
    expect(withBody.length).toBe(3)
    for (const { method, path, scope } of withBody) {
      const key = keys.get(scope)
      await expectProblem(await send(method, path, key, '{"prompt":'), 400, 'invalid-json')
      const unknown = await expectProblem(
        await send(method, path, key, '{"prompt":"x","shell":"rm"}'),
        422,
        'invalid-request',
      )
      expect(unknown.detail).toContain('shell')
      await expectProblem(await send(method, path, key, '[1]'), 422, 'invalid-request')
      const large = new Uint8Array(6 * 1024 * 1024).fill(32)
      const size = { 'content-length': String(large.length) }
      await expectProblem(await send(method, path, key, large, size), 413, 'body-too-large')
    }
  })

  it('answers no secret and no inside in a refusal', async () => {
    const key = keys.get('infer') ?? ''
    const said = await (await send('GET', '/status', key)).text()
    expect(said).not.toContain(key)
    expect(said).not.toMatch(/at .*\.ts:\d+/)
  })
})

describe('around the routes', () => {
  it('an address without anything is a problem document too', async () => {
    await expectProblem(await bench.app.request('/nothing'), 404, 'not-found')
    await expectProblem(await send('PUT', '/infer', keys.get('infer'), '{}'), 404, 'not-found')
  })

  it('the first page leads to the dashboard', async () => {
    const answer = await bench.app.request('/')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/dashboard'])
  })

  it('health needs no key', async () => {
    expect(await (await bench.app.request('/healthz')).json()).toEqual({ status: 'ok', version: '1.2.3' })
    expect((await bench.app.request('/readyz')).status).toBe(200)
  })

  it('the reference page shows every route, escapes everything and allows no script', async () => {
    const answer = await bench.app.request('/docs')
    const page = await answer.text()
    for (const { method } of operations) expect(page).toContain(`<code class="method ${method.toLowerCase()}">`)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page).not.toMatch(/<script|onload=|javascript:/i)
    expect(page).toContain('&quot;')
  })
})
