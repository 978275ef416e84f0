import { ModelError } from '../../ports/errors.ts'
import type { Fetch, StreamedReply } from '../../ports/fetch.ts'
import type { EngineAddress } from '../../ports/model.ts'
import { readWhole } from '../../ports/read-whole.ts'
import { withoutSecrets } from '../../ports/without-secrets.ts'
import { abortedCall, brokenConnection, modelErrorFrom, unreadableAnswer } from './errors.ts'

export interface OllamaCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly signal: AbortSignal
  /** The whole call, first byte to last. */
  readonly totalMs: number
  /** Longest silence once the first byte has come. */
  readonly silenceMs: number
}

/** Asks our guard for an empty line now and then, so that a proxy with a limit of 100 s waits for a slow first token. */
const GUARD_BEAT_SECONDS = '30'
/** Embeddings are the largest of the whole answers. */
const MAX_JSON_BYTES = 64 * 1024 * 1024
const MAX_REFUSAL_CHARS = 100_000

/** Sends one request to an engine. Every end is a value or a `ModelError`, and the connection is closed on every path. */
export class OllamaClient {
  readonly #fetch: Fetch<StreamedReply>
  readonly #address: EngineAddress

  /**
   * At the door `fetch` is undici's own, with an agent whose header and body timeouts are off, since the limits here (total, and between
   * bytes) are the ones that hold.
   */
  constructor(fetch: Fetch<StreamedReply>, address: EngineAddress) {
    this.#fetch = fetch
    this.#address = address
  }

  /** A whole JSON answer. */
  async json(call: OllamaCall): Promise<unknown> {
    const bytes = await readWhole(this.stream(call), MAX_JSON_BYTES).catch((error: unknown) => {
      throw error instanceof RangeError ? tooLarge(call, error) : error
    })
    try {
      return JSON.parse(new TextDecoder().decode(bytes))
    } catch (cause) {
      throw unreadableAnswer(nameOf(call), cause)
    }
  }

  /** The bytes of a 2xx answer as they come. */
  async *stream(call: OllamaCall): AsyncGenerator<Uint8Array> {
    const stop = new AbortController()
    const signal = AbortSignal.any([call.signal, stop.signal])
    const total = setTimeout(() => stop.abort(timedOut(call, `did not end within ${call.totalMs} ms`)), call.totalMs)
    let silence: NodeJS.Timeout | undefined
    let begun = false
    try {
      const reply = await this.#fetch(`${this.#address.url}${call.path}`, {
        method: call.method,
        headers: this.#headers(call),
        signal,
        redirect: 'error',
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      })
      if (reply.status < 200 || reply.status >= 300) throw await refusalOf(call, reply, this.#address.token)
      for await (const chunk of reply.body ?? []) {
        begun = true
        clearTimeout(silence)
        silence = setTimeout(() => stop.abort(timedOut(call, `was silent for ${call.silenceMs} ms`)), call.silenceMs)
        yield chunk
      }
    } catch (cause) {
      if (cause instanceof ModelError) throw cause
      if (stop.signal.aborted) throw stop.signal.reason
      if (call.signal.aborted) throw abortedCall(nameOf(call), call.signal.reason)
      throw brokenConnection(nameOf(call), begun, cause)
    } finally {
      clearTimeout(total)
      clearTimeout(silence)
      // Closes a connection that the reader walked away from; after a whole answer it does nothing.
      stop.abort()
    }
  }

  #headers(call: OllamaCall): Record<string, string> {
    return {
      accept: 'application/json, application/x-ndjson',
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.#address.token === null
        ? {}
        : { authorization: `Bearer ${this.#address.token}`, 'x-guard-keep-alive-seconds': GUARD_BEAT_SECONDS }),
    }
  }
}

async function refusalOf(call: OllamaCall, reply: StreamedReply, token: string | null): Promise<ModelError> {
  const retryAfter = reply.headers.get('retry-after')
  return modelErrorFrom({
    call: nameOf(call),
    status: reply.status,
    body: withoutSecrets(await refusalText(reply), token === null ? [] : [token]),
    retryAfterMs: retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined,
  })
}

/** The first words of a refusal say it all. */
async function refusalText({ body }: StreamedReply): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_REFUSAL_CHARS) break
  }
  return text
}

function tooLarge(call: OllamaCall, cause: RangeError): ModelError {
  return new ModelError({
    code: 'reply-too-large',
    owner: 'retry',
    message: `${nameOf(call)} was answered with more than ${MAX_JSON_BYTES} bytes.`,
    remedy: 'Check that the address leads to an Ollama and not to another service.',
    cause,
  })
}

function timedOut(call: OllamaCall, what: string): ModelError {
  return new ModelError({
    code: 'timeout',
    owner: 'retry',
    message: `${nameOf(call)} ${what}.`,
    remedy: 'Try again, or ask for less output.',
  })
}

function nameOf(call: OllamaCall): string {
  return `${call.method} ${call.path}`
}
