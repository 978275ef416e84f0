import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OllamaOptions } from '../sandbox/ollama/settings.ts'
import { type EmulatedOllama, startOllama } from '../sandbox/ollama/start.ts'
import { ModelKeeper } from './model-keeper.ts'
import { prepareModel } from './prepare-model.ts'
import { readSettings } from './settings.ts'
import { type GuardState, initialState } from './state.ts'

let ollama: EmulatedOllama | undefined

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})

afterEach(() => ollama?.stop())

async function start(options: OllamaOptions = {}): Promise<GuardState> {
  ollama = await startOllama(options)
  return initialState(readSettings({ GUARD_TOKEN: 't', GUARD_DEADLINE: '9999999999' }), 0)
}

async function prepare(
  state: GuardState,
  model: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await prepareModel(ollama?.url ?? '', { model, options }, state, new AbortController().signal, 5)
}

const tag = 'qwen2.5-coder:7b'

describe('preparing a model', () => {
  test('goes through its phases to ready, and a real call with the same options loads nothing again', async () => {
    const state = await start()
    const phases: string[] = []
    const watched = new Proxy(state, {
      set: (target, name, value) => {
        if (name === 'phase') phases.push(value)
        return Reflect.set(target, name, value)
      },
    })
    await prepare(watched, tag, { num_ctx: 8_192, shift: false })
    expect(phases).toEqual(['starting', 'pulling', 'loading', 'probing', 'ready'])
    expect(state).toMatchObject({ progress: null, error: null, modelDigest: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(state.vram?.sizeVramBytes).toBe(state.vram?.sizeBytes)
    const body = {
      model: tag,
      messages: [{ role: 'user', content: 'x' }],
      options: { num_ctx: 8_192 },
      shift: false,
      truncate: false,
    }
    await (await fetch(`${ollama?.url}/api/chat`, { method: 'POST', body: JSON.stringify(body) })).text()
    expect(ollama?.memory()).toMatchObject({ loads: 1, reloads: 0, loaded: [tag] })
  })

  test.each(['gpt-oss:20b', 'deepseek-r1:14b'])('a model that thinks passes the test answer too: %s', async (model) => {
    const state = await start()
    await prepare(state, model, { num_ctx: 8_192 })
    expect(state.phase).toBe('ready')
  })

  test('an unknown tag fails at once', async () => {
    const state = await start()
    await expect(prepare(state, 'nobody:1b')).rejects.toThrow(
      'Pulling nobody:1b failed: pull model manifest: file does not exist',
    )
    expect(ollama?.calls.filter((call) => call.path === '/api/pull')).toHaveLength(1)
  })

  test('a pull that breaks off is resumed, and given up after four tries', async () => {
    const state = await start({ faults: [{ after: '/api/pull', fault: 'pull-cut', times: 2 }] })
    await prepare(state, tag)
    expect(state.phase).toBe('ready')
    await ollama?.stop()
    const other = await start({ faults: [{ after: '/api/pull', fault: 'pull-cut', times: 9 }] })
    await expect(prepare(other, tag)).rejects.toThrow(/Pulling .* failed: the stream ended after "pulling /)
  })

  test.each<readonly [string, OllamaOptions, Readonly<Record<string, unknown>>, RegExp]>([
    [
      'larger than video memory',
      { gpu: { vramBytes: 4 * 1024 ** 3 } },
      {},
      /does not fit into video memory: \d+ of \d+ bytes/,
    ],
    ['with a smaller window than asked', {}, { num_ctx: 65_536 }, /window of 32768 tokens instead of 65536/],
    [
      'that ignores its schema',
      { faults: [{ after: '/api/chat', fault: 'ignore-format', times: 2 }] },
      {},
      /is not ready: the test answer does not keep to its JSON Schema/,
    ],
    ['that is cut off', { faults: [{ after: '/api/chat', fault: 'cut', times: 2 }] }, {}, /ended with "nothing"/],
    [
      'whose runner crashes',
      { faults: [{ after: '/api/generate', fault: 'crash' }] },
      {},
      /Ollama answered 500 to \/api\/generate: .*unexpectedly stopped/,
    ],
  ])('a model %s is not ready', async (_name, options, load, reason) => {
    const state = await start(options)
    await expect(prepare(state, tag, load)).rejects.toThrow(reason)
    expect(state.phase).not.toBe('ready')
  })

  test('one bad test answer is forgiven', async () => {
    const state = await start({ faults: [{ after: '/api/chat', fault: 'garbage' }] })
    await prepare(state, tag)
    expect(state.phase).toBe('ready')
  })
})

describe('keeping a model', () => {
  async function until(holds: () => boolean): Promise<void> {
    for (let turn = 0; turn < 2_000 && !holds(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(holds()).toBe(true)
  }

  test('the newest order wins, an equal one changes nothing, a failed one can be ordered again', async () => {
    const state = await start({ speed: { pullBytesPerSecond: 2e11 } })
    const keeper = new ModelKeeper(ollama?.url ?? '', state, () => 7)
    keeper.order({ model: 'mistral:7b', options: {} })
    keeper.order({ model: tag, options: {} })
    await until(() => state.phase === 'ready')
    expect(state).toMatchObject({ model: tag, settledAt: 7 })
    keeper.order({ model: tag, options: {} })
    expect(state.phase).toBe('ready')
    keeper.order({ model: 'nobody:1b', options: {} })
    await until(() => state.phase === 'failed')
    expect(state.error).toContain('file does not exist')
    const pulls = ollama?.calls.filter((call) => call.path === '/api/pull').length
    keeper.order({ model: 'nobody:1b', options: {} })
    await until(() => (ollama?.calls.filter((call) => call.path === '/api/pull').length ?? 0) > (pulls ?? 0))
  })

  test('a pod that is ending does not become ready', async () => {
    const state = await start()
    const keeper = new ModelKeeper(ollama?.url ?? '', state, () => 7)
    keeper.order({ model: tag, options: {} })
    state.phase = 'ending'
    await until(() => state.settledAt === 7)
    expect(state.phase).toBe('ending')
  })
})
