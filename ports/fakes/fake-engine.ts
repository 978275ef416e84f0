import { ModelError } from '../errors.ts'
import type { ChatAnswer, ChatRequest, EngineLease, ModelEngine } from '../model.ts'
import { microUsd } from '../money.ts'

/** An answer's content, an error to throw, or a function of the request to either. */
export type Reply = string | Error | ((request: ChatRequest) => string | Error)

export interface FakeEngine extends ModelEngine {
  readonly calls: readonly ChatRequest[]
}

/** Answers calls with the replies in order; refuses one that was not prepared. `rest` answers all further ones. */
export function createFakeEngine(replies: readonly Reply[], rest?: Reply): FakeEngine {
  const calls: ChatRequest[] = []
  const queue = [...replies]
  return {
    calls,
    async chat(request, { signal }): Promise<ChatAnswer> {
      await Promise.resolve()
      if (signal.aborted) {
        throw new ModelError({
          code: 'aborted',
          message: 'The call was aborted.',
          remedy: 'None.',
          owner: 'retry',
          cause: signal.reason,
        })
      }
      calls.push(request)
      const next = queue.shift() ?? rest
      if (next === undefined) throw new Error(`the fake engine was not prepared for call ${calls.length}`)
      const reply = typeof next === 'function' ? next(request) : next
      if (typeof reply !== 'string') throw reply
      const chars = request.messages.reduce((sum, { content }) => sum + content.length, 0)
      return {
        content: reply,
        model: request.model,
        promptTokens: Math.ceil(chars / 3),
        completionTokens: Math.ceil(reply.length / 3),
        loadMs: 0,
        promptMs: 100,
        evalMs: 200,
      }
    },
    embed: async () => [],
    listModels: async () => [],
    showModel: async () => ({ capabilities: [], trainedContextTokens: null }),
    version: async () => '0.33.0',
  }
}

export interface FakeLeaseOptions {
  readonly slots?: number
  readonly lost?: AbortSignal
  readonly podName?: string | null
  readonly onRelease?: () => void
}

/** A lease on it that costs a cent. */
export function fakeLease(engine: ModelEngine, options: FakeLeaseOptions = {}): EngineLease {
  return {
    engine,
    address: { url: 'http://127.0.0.1:9', token: null },
    model: 'qwen3-coder:30b',
    digest: 'sha256:0123456789abcdef',
    podName: options.podName ?? null,
    gpu: 'NVIDIA GeForce RTX 4090',
    microUsdPerHour: microUsd(690_000),
    slots: options.slots ?? 2,
    readyAt: 0,
    lost: options.lost ?? new AbortController().signal,
    costSoFar: () => ({ microUsd: microUsd(10_000), gpuMs: 52_000 }),
    release: async () => options.onRelease?.(),
  }
}
