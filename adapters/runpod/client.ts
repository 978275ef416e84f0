import type { Clock, Random } from '../../ports/clock.ts'
import type { PodsError } from '../../ports/errors.ts'
import type { Fetch } from '../../ports/fetch.ts'
import type { Log } from '../../ports/log.ts'
import { withoutSecrets } from '../../ports/without-secrets.ts'
import { lostReply, podsErrorFrom, unreadableReply } from './errors.ts'
import { waitAfter } from './rate-limit.ts'

export interface RunpodClientParts {
  readonly fetch: Fetch
  /** Base without a trailing slash, e.g. `https://api.runpod.io/v2`. */
  readonly apiUrl: string
  /** A function, so that no object that could be printed holds the key. */
  readonly apiKey: () => string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly timeoutMs?: number
}

export interface RunpodCall {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Values that must not come back in an error, should the other side echo them. */
  readonly secrets?: readonly string[]
  /** How often it may leave at most, 429 included; 3 when absent. */
  readonly tries?: number
  readonly signal: AbortSignal
}

const DEFAULT_TIMEOUT_MS = 60_000
/** After that many tries a caller with a loop of its own decides better than this one. */
const MAX_TRIES = 3
const FIRST_PAUSE_MS = 500
/** A longer wait is handed to the caller, who may have something else to try. */
const LONGEST_RATE_WAIT_MS = 20_000
const DEFAULT_RATE_WAIT_MS = 2_000

/**
 * One call to REST v2. GET and DELETE are tried again on 5xx and lost replies; a POST leaves once, but for 429, which is a promise that
 * nothing was done. Throws `PodsError`; answers the parsed JSON, or null for an empty body.
 */
export class RunpodClient {
  readonly #parts: RunpodClientParts

  constructor(parts: RunpodClientParts) {
    this.#parts = parts
  }

  async send(call: RunpodCall): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#sendOnce(call)
      if (outcome.ok) return outcome.value
      const pauseMs = attempt < (call.tries ?? MAX_TRIES) ? this.#pauseBefore(call, outcome.error, attempt) : undefined
      if (pauseMs === undefined || call.signal.aborted) throw outcome.error
      await this.#parts.clock.sleep(pauseMs, call.signal)
    }
  }

  #pauseBefore(call: RunpodCall, error: PodsError, attempt: number): number | undefined {
    if (error.code === 'rate-limited') {
      const waitMs = error.retryAfterMs ?? DEFAULT_RATE_WAIT_MS
      return waitMs <= LONGEST_RATE_WAIT_MS ? waitMs + this.#parts.random.fraction() * FIRST_PAUSE_MS : undefined
    }
    if (call.method === 'POST' || error.code !== 'unavailable') return undefined
    return FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + this.#parts.random.fraction())
  }

  async #sendOnce(call: RunpodCall): Promise<{ ok: true; value: unknown } | { ok: false; error: PodsError }> {
    const { clock, log, fetch, apiUrl, apiKey, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#parts
    const named = `${call.method} ${call.path}`
    const creates = call.method === 'POST'
    const startedAt = clock.now()
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const reply = await fetch(`${apiUrl}${call.path}${queryOf(call.query)}`, {
        method: call.method,
        headers: {
          authorization: `Bearer ${apiKey()}`,
          accept: 'application/json',
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.any([call.signal, timeout]),
        redirect: 'error',
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      })
      const text = await reply.text()
      const requestId = reply.headers.get('x-request-id')
      const facts = { call: named, status: reply.status, requestId, ms: clock.now() - startedAt }
      log.debug(facts, 'RunPod answered')
      if (reply.status >= 200 && reply.status < 300) return parseReply(text, named, creates)
      const retryAfterMs = waitAfter(reply.headers, clock.now())
      return {
        ok: false,
        error: podsErrorFrom({
          call: named,
          creates,
          status: reply.status,
          body: withoutSecrets(text, [...(call.secrets ?? []), apiKey()]),
          requestId,
          retryAfterMs,
        }),
      }
    } catch (cause) {
      // The reply is lost, be it by our own abort: a create that had left may still have been carried out.
      const error = lostReply(named, creates, timeout.aborted ? new Error(`no answer within ${timeoutMs} ms`) : cause)
      log.debug({ call: named, ms: clock.now() - startedAt, code: error.code }, 'RunPod gave no answer')
      return { ok: false, error }
    }
  }
}

function parseReply(
  text: string,
  call: string,
  creates: boolean,
): { ok: true; value: unknown } | { ok: false; error: PodsError } {
  if (text.trim() === '')
    return creates ? { ok: false, error: unreadableReply(call, creates, undefined) } : { ok: true, value: null }
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (cause) {
    return { ok: false, error: unreadableReply(call, creates, cause) }
  }
}

function queryOf(query: Readonly<Record<string, string>> | undefined): string {
  return query === undefined || Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`
}
