import { canaryProblem, canaryRequest } from './canary.ts'
import { loadFields } from './load-options.ts'
import { callOllama, recordsIn, streamOllama } from './ollama.ts'
import type { GuardState } from './state.ts'

export interface ModelOrder {
  readonly model: string
  readonly options: Readonly<Record<string, unknown>>
}

const shortMs = 15_000
const loadMs = 15 * 60_000
const answerMs = 5 * 60_000
const pullTries = 4

/**
 * Pulls, loads and tries a model, writing phase and progress into the state as it goes. Throws one sentence when the
 * model will not serve in this pod.
 */
export async function prepareModel(
  baseUrl: string,
  order: ModelOrder,
  state: GuardState,
  signal: AbortSignal,
  retryMs = 2_000,
): Promise<void> {
  state.phase = 'starting'
  state.ollamaVersion = await awaitOllama(baseUrl, signal, retryMs)
  state.phase = 'pulling'
  await pull(baseUrl, order.model, state, signal, retryMs)
  state.phase = 'loading'
  const fields = loadFields(order.options)
  await callOllama(baseUrl, '/api/generate', { model: order.model, stream: false, ...fields }, bounded(signal, loadMs))
  await checkMemory(baseUrl, order, state, signal)
  state.phase = 'probing'
  await probe(baseUrl, order, fields, signal)
  state.modelDigest = await digestOf(baseUrl, order.model, signal)
  state.progress = null
  state.error = null
  state.phase = 'ready'
}

async function awaitOllama(baseUrl: string, signal: AbortSignal, retryMs: number): Promise<string> {
  const giveUpAt = performance.now() + answerMs
  for (;;) {
    try {
      const { version } = await callOllama(baseUrl, '/api/version', undefined, bounded(signal, shortMs))
      return String(version)
    } catch (cause) {
      signal.throwIfAborted()
      if (performance.now() > giveUpAt) throw new Error('Ollama did not start within 5 minutes.', { cause })
      await wait(Math.min(retryMs, 250), signal)
    }
  }
}

async function pull(
  baseUrl: string,
  model: string,
  state: GuardState,
  signal: AbortSignal,
  retryMs: number,
): Promise<void> {
  if ((await digestOf(baseUrl, model, signal)) !== null) return
  for (let attempt = 1; ; attempt += 1) {
    const problem = await pullOnce(baseUrl, model, state, signal)
    if (problem === null) return
    signal.throwIfAborted()
    const isPermanent = /does not exist|not found|invalid model|unauthorized|no space/i.test(problem)
    if (isPermanent || attempt === pullTries) throw new Error(`Pulling ${model} failed: ${problem}`)
    // Finished parts stay on disk, so the next try resumes.
    await wait(retryMs * attempt, signal)
  }
}

/** Null only after a final `success`; everything else is the reason. */
async function pullOnce(
  baseUrl: string,
  model: string,
  state: GuardState,
  signal: AbortSignal,
): Promise<string | null> {
  const layers = new Map<string, { readonly completed: number; readonly total: number }>()
  let status = 'no answer'
  try {
    for await (const line of streamOllama(baseUrl, '/api/pull', { model, stream: true }, signal)) {
      if (typeof line.error === 'string') return line.error
      status = String(line.status ?? status)
      if (typeof line.digest !== 'string') continue
      const before = layers.get(line.digest)
      const completed = Number(line.completed ?? before?.completed ?? 0)
      layers.set(line.digest, { completed, total: Number(line.total ?? before?.total ?? 0) })
      const parts = [...layers.values()]
      state.progress = {
        completedBytes: parts.reduce((sum, part) => sum + part.completed, 0),
        totalBytes: parts.reduce((sum, part) => sum + part.total, 0),
      }
    }
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem)
  }
  return status === 'success' ? null : `the stream ended after "${status}"`
}

async function checkMemory(baseUrl: string, order: ModelOrder, state: GuardState, signal: AbortSignal): Promise<void> {
  const running = recordsIn(await callOllama(baseUrl, '/api/ps', undefined, bounded(signal, shortMs)), 'models')
  const loaded = running.find((entry) => isSameTag(entry.name, order.model) || isSameTag(entry.model, order.model))
  if (loaded === undefined) throw new Error(`${order.model} is not in memory after loading it.`)
  state.vram = { sizeBytes: Number(loaded.size), sizeVramBytes: Number(loaded.size_vram) }
  if (!(state.vram.sizeVramBytes >= state.vram.sizeBytes)) {
    throw new Error(
      `${order.model} does not fit into video memory: ${state.vram.sizeVramBytes} of ${state.vram.sizeBytes} bytes are on the GPU; choose a smaller model or window.`,
    )
  }
  const asked = Number(order.options.num_ctx)
  const got = Number(loaded.context_length)
  if (asked > 0 && got > 0 && got < asked) {
    throw new Error(`${order.model} was given a window of ${got} tokens instead of ${asked}.`)
  }
}

async function probe(
  baseUrl: string,
  order: ModelOrder,
  fields: ReturnType<typeof loadFields>,
  signal: AbortSignal,
): Promise<void> {
  const think = await thinkingOf(baseUrl, order.model, signal)
  const request = canaryRequest(order.model, fields, fields.options, think)
  let problem: string | null = null
  for (let attempt = 0; attempt < 2; attempt += 1) {
    problem = canaryProblem(await callOllama(baseUrl, '/api/chat', request, bounded(signal, answerMs)))
    if (problem === null) return
  }
  throw new Error(`${order.model} is not ready: ${problem}.`)
}

/** Thoughts off where the model has them; gpt-oss cannot be turned off. */
async function thinkingOf(baseUrl: string, model: string, signal: AbortSignal): Promise<unknown> {
  const shown = await callOllama(baseUrl, '/api/show', { model }, bounded(signal, shortMs))
  const capabilities = Array.isArray(shown.capabilities) ? shown.capabilities : []
  if (!capabilities.includes('thinking')) return undefined
  return /gpt-?oss/i.test(model) ? 'low' : false
}

async function digestOf(baseUrl: string, model: string, signal: AbortSignal): Promise<string | null> {
  const tags = recordsIn(await callOllama(baseUrl, '/api/tags', undefined, bounded(signal, shortMs)), 'models')
  const found = tags.find((entry) => isSameTag(entry.name, model))
  return found === undefined ? null : String(found.digest)
}

function isSameTag(name: unknown, model: string): boolean {
  return name === model || name === `${model}:latest`
}

function bounded(signal: AbortSignal, ms: number): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)])
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
