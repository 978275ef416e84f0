import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SANDBOX_TIMINGS } from '../parts/emulated-account.ts'
import { defaultConfig } from '../config/resolved-config.ts'
import { readEnvironment } from '../parts/read-environment.ts'
import { type EmulatedRunpod, startRunpod } from '../sandbox/runpod/start.ts'
import { createKey } from './controller/keys.ts'
import { type RunningServer, startServer } from './main.ts'

const statusShape = z.object({ pods: z.array(z.object({ state: z.string() })) })
const jobShape = z.object({ state: z.string(), result: z.unknown() })

let folder: string
let runpod: EmulatedRunpod
let server: RunningServer
let key: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-server-'))
  runpod = await startRunpod({ podRuntime: 'light' })
  server = await startServer({
    environment: readEnvironment(
      {
        RUNPOD_API_URL: runpod.url,
        RUNPOD_PROXY_URL: runpod.proxyUrl,
        RUNPOD_API_KEY: runpod.apiKey,
        DEVLOOP_DATA: folder,
        PORT: '0',
        LOG_LEVEL: 'silent',
      },
      folder,
    ),
    config: defaultConfig(),
    controllerOnly: true,
    version: '0.0.0',
    logFormat: 'json',
    colour: false,
    fleet: { timings: SANDBOX_TIMINGS },
  })
  const { store, clock, random } = server.parts
  const wish = { name: 'agent', scopes: ['infer', 'read', 'control'] as const, models: null, monthlyMicroUsd: null }
  key = (await createKey(wish, { keys: store.keys, clock, random })).key
})
afterAll(async () => {
  await server?.stop()
  await runpod?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function call(method: string, path: string, body?: unknown, more: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more }
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const answer = await fetch(`${server.url}${path}`, init)
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}

async function poll<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 150; tries++) {
    const value = await read()
    if (isDone(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it did not happen within 15 s')
}

describe('a controller without GitHub, over an emulated account', () => {
  it('warms a pod, answers on it at once and later, and proves it gone', async () => {
    const started = await call('POST', '/control/start')
    expect([started.status, started.headers.get('location')]).toEqual([202, '/status'])
    const states = async () => statusShape.parse((await call('GET', '/status')).body).pods.map(({ state }) => state)
    await poll(states, (found) => found.includes('ready'))
    expect(runpod.livePods()).toHaveLength(1)

    const now = await call('POST', '/infer', { prompt: 'hello' })
    expect(now).toMatchObject({ status: 200, body: { output: expect.stringMatching(/./) } })

    const later = await call('POST', '/infer', { prompt: 'hello' }, { prefer: 'respond-async' })
    expect(later.status).toBe(202)
    const path = later.headers.get('location') ?? ''
    const job = await poll(
      async () => jobShape.parse((await call('GET', path)).body),
      ({ state }) => state === 'done' || state === 'failed',
    )
    expect(job).toMatchObject({
      state: 'done',
      result: { output: expect.stringMatching(/./), cost: { usd: expect.any(Number) } },
    })
    expect(runpod.pods()).toHaveLength(1)

    expect(await call('POST', '/shutdown', { force: true })).toMatchObject({ status: 200, body: { state: 'gone' } })
    expect(runpod.livePods()).toEqual([])
  })

  it('knows no webhook', async () => {
    expect((await fetch(`${server.url}/api/github/webhooks`, { method: 'POST', body: '{}' })).status).toBe(401)
  })
})
