import type { Clock, Random } from '../../ports/clock.ts'
import { ModelError } from '../../ports/errors.ts'
import type { Fetch, StreamedReply } from '../../ports/fetch.ts'
import type {
  ChatAnswer,
  ChatCall,
  ChatRequest,
  EngineAddress,
  InstalledModel,
  ModelEngine,
  ModelFacts,
} from '../../ports/model.ts'
import { assertFits, chatBody, type KeepAlive } from './chat-body.ts'
import { readChat } from './chat-reader.ts'
import { OllamaClient } from './client.ts'
import { abortedCall, unreadableAnswer } from './errors.ts'
import { readNdjson } from './ndjson.ts'
import { embedReply, showReply, tagsReply, versionReply } from './schema.ts'
import { needsFacts, thinkFor } from './think.ts'

export interface OllamaLimits {
  /** One chat call from first byte to last. */
  readonly chatMs: number
  /** Longest silence inside a stream that has begun. */
  readonly silenceMs: number
  /** Short calls: version, tags, show. */
  readonly shortMs: number
  readonly maxReplyChars: number
  readonly busyTries: number
  /** How often a call whose first byte a proxy gave up waiting for is sent again. */
  readonly proxyTries: number
}

export const OLLAMA_LIMITS: OllamaLimits = {
  chatMs: 15 * 60_000,
  silenceMs: 120_000,
  shortMs: 20_000,
  maxReplyChars: 2_000_000,
  busyTries: 5,
  proxyTries: 3,
}

export interface OllamaParts {
  readonly fetch: Fetch<StreamedReply>
  readonly clock: Clock
  readonly random: Random
  readonly limits?: Partial<OllamaLimits>
}

const FIRST_BUSY_PAUSE_MS = 500
const POLL_MS = 2_000
const LONGEST_POLLING_MS = 120_000

/** An Ollama, or a guard in front of one, over its native protocol. */
export class OllamaEngine implements ModelEngine {
  readonly #client: OllamaClient
  readonly #parts: OllamaParts
  readonly #limits: OllamaLimits
  /** The machine of somebody else is not kept busy longer than Ollama itself would by a little. */
  readonly #keepAlive: KeepAlive
  readonly #facts = new Map<string, Promise<ModelFacts>>()

  constructor(parts: OllamaParts, address: EngineAddress) {
    this.#client = new OllamaClient(parts.fetch, address)
    this.#parts = parts
    this.#keepAlive = address.token === null ? '10m' : -1
    this.#limits = { ...OLLAMA_LIMITS, ...parts.limits }
  }

  async chat(request: ChatRequest, call: ChatCall): Promise<ChatAnswer> {
    assertFits(request)
    const facts = needsFacts(request.model, request.think) ? await this.#factsOf(request.model, call.signal) : undefined
    const body = chatBody(request, thinkFor(request.model, request.think, facts), this.#keepAlive)
    let busy = 0
    let cut = 0
    for (;;) {
      let pieces = 0
      try {
        const bytes = this.#client.stream({
          method: 'POST',
          path: '/api/chat',
          body,
          signal: call.signal,
          totalMs: this.#limits.chatMs,
          silenceMs: this.#limits.silenceMs,
        })
        return await readChat(readNdjson(bytes), request, this.#limits.maxReplyChars, (piece) => {
          if (call.signal.aborted) throw abortedCall('POST /api/chat', call.signal.reason)
          pieces += 1
          call.onPiece?.(piece)
        })
      } catch (error) {
        if (!(error instanceof ModelError) || pieces > 0) throw error
        if (error.code === 'busy' && ++busy < this.#limits.busyTries) await this.#pause(error, busy, call.signal)
        else if (isProxyTimeout(error) && ++cut < this.#limits.proxyTries) await this.#untilAnswering(call.signal)
        else throw error
      }
    }
  }

  async embed(model: string, input: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]> {
    const reply = embedReply.safeParse(
      await this.#client.json({
        method: 'POST',
        path: '/api/embed',
        // Cutting a text that is too long would embed another text in silence.
        body: { model, input, truncate: false },
        signal,
        totalMs: this.#limits.chatMs,
        silenceMs: this.#limits.silenceMs,
      }),
    )
    if (!reply.success) throw unreadableAnswer('POST /api/embed', reply.error)
    if (reply.data.embeddings.length !== input.length) throw unreadableAnswer('POST /api/embed', undefined)
    return reply.data.embeddings
  }

  async listModels(signal: AbortSignal): Promise<readonly InstalledModel[]> {
    const reply = tagsReply.safeParse(await this.#short('GET', '/api/tags', signal))
    if (!reply.success) throw unreadableAnswer('GET /api/tags', reply.error)
    return reply.data.models.map((model) => ({ tag: model.name, digest: model.digest, sizeBytes: model.size }))
  }

  async showModel(tag: string, signal: AbortSignal): Promise<ModelFacts> {
    const reply = showReply.safeParse(await this.#short('POST', '/api/show', signal, { model: tag }))
    if (!reply.success) throw unreadableAnswer('POST /api/show', reply.error)
    const window = Object.entries(reply.data.model_info ?? {}).find(([key]) => key.endsWith('.context_length'))?.[1]
    return {
      capabilities: reply.data.capabilities ?? [],
      trainedContextTokens: typeof window === 'number' ? window : null,
    }
  }

  async version(signal: AbortSignal): Promise<string> {
    const reply = versionReply.safeParse(await this.#short('GET', '/api/version', signal))
    if (!reply.success) throw unreadableAnswer('GET /api/version', reply.error)
    return reply.data.version
  }

  #short(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    const { shortMs } = this.#limits
    return this.#client.json({
      method,
      path,
      signal,
      totalMs: shortMs,
      silenceMs: shortMs,
      ...(body === undefined ? {} : { body }),
    })
  }

  /** Callers in flight share one request; a failure is forgotten, so that the next call asks again. */
  #factsOf(model: string, signal: AbortSignal): Promise<ModelFacts> {
    const known = this.#facts.get(model)
    if (known !== undefined) return known
    const asked = this.showModel(model, signal)
    this.#facts.set(model, asked)
    asked.catch(() => this.#facts.delete(model))
    return asked
  }

  async #pause(error: ModelError, attempt: number, signal: AbortSignal): Promise<void> {
    const backoffMs = FIRST_BUSY_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + this.#parts.random.fraction())
    await this.#parts.clock.sleep(Math.max(error.retryAfterMs ?? 0, backoffMs), signal)
  }

  /** Asks small questions instead of sending the call again and again: a client that hangs up aborts a load in progress. */
  async #untilAnswering(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    const until = clock.now() + LONGEST_POLLING_MS
    for (;;) {
      await clock.sleep(POLL_MS, signal)
      try {
        await this.#short('GET', '/api/version', signal)
        return
      } catch (error) {
        signal.throwIfAborted()
        if (clock.now() >= until) throw error
      }
    }
  }
}

function isProxyTimeout(error: ModelError): boolean {
  return error.code === 'timeout' && typeof error.facts.status === 'number'
}
