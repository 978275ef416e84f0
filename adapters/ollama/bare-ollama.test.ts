import { fetch } from 'undici'
import { afterEach, expect, test } from 'vitest'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { type EmulatedOllama, startOllama } from '../../sandbox/ollama/start.ts'
import { systemClock } from '../system/system-clock.ts'
import { BareOllama } from './bare-ollama.ts'

let ollama: EmulatedOllama | undefined
afterEach(() => ollama?.stop())

const NEVER = new AbortController().signal
const LOAD = { contextTokens: 4_096 }
const bare = () => new BareOllama({ fetch, clock: systemClock, random: createSeededRandom(1) })

/** Looks again until the pod is ready or has failed. */
async function prepared(guard: BareOllama, model: string) {
  const pod = { url: ollama?.url ?? '', token: 'unused', model, load: LOAD }
  const phases = new Set<string>()
  for (let turn = 0; turn < 1_000; turn += 1) {
    const status = await guard.status(pod, NEVER)
    phases.add(status.phase)
    if (status.phase === 'ready' || status.phase === 'failed') return { status, phases: [...phases] }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return expect.fail(`stayed at ${[...phases]}`)
}

test('the model is pulled and loaded from here, with the options of real calls, and then the pod is ready', async () => {
  ollama = await startOllama()
  const { status, phases } = await prepared(bare(), 'qwen2.5-coder:7b')
  expect(phases.slice(-1)).toEqual(['ready'])
  expect(phases.length).toBeGreaterThan(1)
  expect(status).toMatchObject({ model: 'qwen2.5-coder:7b', inFlight: 0, error: null })
  expect(status.modelDigest).toMatch(/^[0-9a-f]{64}$/u)
  expect(ollama.memory()).toMatchObject({ loads: 1, reloads: 0, loaded: ['qwen2.5-coder:7b'] })
})

test.each([
  ['a tag that is none', { model: 'no-such-model:1b', vramBytes: 24e9 }, /does not exist/u],
  ['a model larger than the GPU', { model: 'qwen2.5-coder:7b', vramBytes: 3e9 }, /does not fit/u],
])('%s fails in one sentence', async (_what, { model, vramBytes }, sentence) => {
  ollama = await startOllama({ gpu: { vramBytes } })
  const { status } = await prepared(bare(), model)
  expect(status).toMatchObject({ phase: 'failed', error: expect.stringMatching(sentence) })
})

test('an address where nothing listens yet is not ready', async () => {
  const pod = { url: 'http://127.0.0.1:1', token: 'unused', model: 'm', load: LOAD }
  await expect(bare().status(pod, NEVER)).rejects.toMatchObject({ code: 'not-ready', owner: 'retry' })
})
