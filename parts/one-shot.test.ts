import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defaultConfig } from '../config/resolved-config.ts'
import { FAST_TIMINGS } from '../sandbox/e2e/chaos/fast-timings.ts'
import { type EmulatedRunpod, startRunpod } from '../sandbox/runpod/start.ts'
import { runOnEngine } from './one-shot.ts'
import { readEnvironment } from './read-environment.ts'

let runpod: EmulatedRunpod
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-one-shot-'))
  runpod = await startRunpod({ podRuntime: 'process' })
})
afterEach(async () => {
  await runpod.stop()
  await rm(folder, { recursive: true, force: true })
})

const BOOT = { provisionMs: 15_000, guardMs: 15_000, modelMs: 15_000, absenceMs: 300 }

test.each([
  { unguarded: false, image: /devloop/u },
  { unguarded: true, image: /^ollama\/ollama:/u },
])('a model on a rented pod answers and the pod is given back; unguarded: $unguarded', async ({ unguarded, image }) => {
  const config = defaultConfig()
  const environment = readEnvironment(
    {
      RUNPOD_API_URL: runpod.url,
      RUNPOD_PROXY_URL: runpod.proxyUrl,
      RUNPOD_API_KEY: runpod.apiKey,
      DEVLOOP_DATA: folder,
      LOG_LEVEL: 'silent',
    },
    folder,
  )
  const end = await runOnEngine(
    {
      environment,
      engine: 'runpod',
      model: 'mistral:7b-instruct-q5_K_M',
      config: { ...config, fleet: { ...config.fleet, unguarded } },
      fleet: { timings: { ...FAST_TIMINGS, ...BOOT } },
      signal: AbortSignal.timeout(25_000),
    },
    async ({ lease, settings, signal }) => {
      const messages = [{ role: 'user' as const, content: 'hello' }]
      const request = {
        model: lease.model,
        messages,
        load: settings.load,
        maxOutputTokens: 64,
        temperature: 0,
        seed: 1,
      }
      return (await lease.engine.chat(request, { signal })).content
    },
  )
  expect(end.value).not.toBe('')
  expect(end.isProvenGone).toBe(true)
  expect(end.cost).toBeGreaterThan(0)
  expect(runpod.livePods()).toEqual([])
  expect(runpod.violations()).toEqual([])
  const [created] = runpod.calls.filter((call) => call.method === 'POST' && call.path.endsWith('/pods'))
  expect(created?.body).toMatchObject({ image: expect.stringMatching(image) })
  // Behind another address than the public one, the guard could not remove its pod.
  expect(runpod.pods()[0]?.env.RUNPOD_API_URL).toBe(runpod.url)
})
