import type { Clock, Random } from '../../ports/clock.ts'
import { isCodedError, ModelError } from '../../ports/errors.ts'
import type { Fetch, StreamedReply } from '../../ports/fetch.ts'
import type { LoadOptions } from '../../ports/model.ts'
import type { GuardClient, GuardPhase, GuardStatus } from '../../ports/pods.ts'
import { OllamaClient } from './client.ts'
import { OllamaEngine } from './engine.ts'
import { unreadableAnswer } from './errors.ts'
import { pullModel } from './pull.ts'
import { runningReply } from './schema.ts'

interface BarePod {
  readonly url: string
  readonly model: string
  readonly load: LoadOptions
}

interface Preparation {
  phase: GuardPhase
  progress: GuardStatus['progress']
  digest: string | null
  error: string | null
}

const PULL_MS = 15 * 60_000
const SHORT_MS = 10_000

/**
 * Plays the guard's part for a pod that has none, from here: pulls and warms the model, and says how far it is. Nothing inside such a
 * pod ends it, and it answers everybody.
 */
export class BareOllama implements GuardClient {
  readonly #parts: { readonly fetch: Fetch<StreamedReply>; readonly clock: Clock; readonly random: Random }
  readonly #preparations = new Map<string, Preparation>()

  constructor(parts: { readonly fetch: Fetch<StreamedReply>; readonly clock: Clock; readonly random: Random }) {
    this.#parts = parts
  }

  /** The signal also ends the preparation that the first look begins. */
  async status(pod: BarePod, signal: AbortSignal): Promise<GuardStatus> {
    await this.#answers(pod, signal)
    const known = this.#preparations.get(pod.url)
    const preparation = known ?? { phase: 'starting', progress: null, digest: null, error: null }
    if (known === undefined) {
      this.#preparations.set(pod.url, preparation)
      void this.#prepare(pod, preparation, signal)
    }
    const { phase, progress, digest, error } = preparation
    // A preparation that failed is told once; whoever asks again wants another try.
    if (phase === 'failed') this.#preparations.delete(pod.url)
    return {
      phase,
      model: pod.model,
      modelDigest: digest,
      progress,
      inFlight: 0,
      lastUseAt: null,
      deadlineAt: 0,
      error,
    }
  }

  /** Nobody is there who could miss us. */
  async heartbeat(): Promise<void> {}

  async #answers(pod: BarePod, signal: AbortSignal): Promise<void> {
    try {
      await this.#engineOf(pod).version(signal)
    } catch (cause) {
      throw new ModelError({
        code: 'not-ready',
        owner: 'retry',
        message: 'The Ollama in the pod does not answer yet.',
        remedy: 'Wait until the pod is up.',
        cause,
      })
    }
  }

  async #prepare(pod: BarePod, preparation: Preparation, signal: AbortSignal): Promise<void> {
    try {
      preparation.phase = 'pulling'
      const client = new OllamaClient(this.#parts.fetch, { url: pod.url, token: null })
      await pullModel(client, {
        model: pod.model,
        signal,
        totalMs: PULL_MS,
        onProgress: ({ completedBytes, totalBytes }) => {
          preparation.progress = { completedBytes, totalBytes }
        },
      })
      preparation.phase = 'loading'
      await this.#warm(pod, signal)
      await this.#assertFits(pod, client, signal)
      const models = await this.#engineOf(pod).listModels(signal)
      preparation.digest = models.find((model) => isSameTag(model.tag, pod.model))?.digest ?? null
      preparation.phase = 'ready'
    } catch (error) {
      preparation.error = isCodedError(error) ? error.message : String(error)
      preparation.phase = 'failed'
    }
  }

  /** One token with the load options of real calls: another value in the first real call would load the model again. */
  async #warm(pod: BarePod, signal: AbortSignal): Promise<void> {
    const messages = [{ role: 'user' as const, content: 'Say OK.' }]
    const request = { model: pod.model, messages, load: pod.load, maxOutputTokens: 16, temperature: 0, seed: 1 }
    try {
      await this.#engineOf(pod).chat(request, { signal })
    } catch (error) {
      // The model runs; that its answer was longer than asked for is no matter here.
      if (!isCodedError(error) || error.code !== 'output-limit') throw error
    }
  }

  async #assertFits(pod: BarePod, client: OllamaClient, signal: AbortSignal): Promise<void> {
    const reply = runningReply.safeParse(
      await client.json({ method: 'GET', path: '/api/ps', signal, totalMs: SHORT_MS, silenceMs: SHORT_MS }),
    )
    if (!reply.success) throw unreadableAnswer('GET /api/ps', reply.error)
    const loaded = reply.data.models.find((model) => isSameTag(model.name, pod.model))
    if (loaded === undefined || loaded.size_vram >= loaded.size) return
    throw new ModelError({
      code: 'refused-input',
      owner: 'user',
      message: `${pod.model} does not fit into video memory: ${loaded.size_vram} of ${loaded.size} bytes are on the GPU.`,
      remedy: 'Choose a smaller model or window, or a GPU with more memory.',
    })
  }

  /** The engine for a pod keeps the model in memory for ever. */
  #engineOf({ url }: BarePod): OllamaEngine {
    return new OllamaEngine(this.#parts, { url, token: 'unguarded' })
  }
}

function isSameTag(name: string, model: string): boolean {
  return name === model || name === `${model}:latest`
}
