import { ModelError } from '../../ports/errors.ts'
import type { Fetch, StreamedReply } from '../../ports/fetch.ts'
import type { GuardClient, GuardStatus } from '../../ports/pods.ts'
import { readWhole } from '../../ports/read-whole.ts'
import { withoutSecrets } from '../../ports/without-secrets.ts'
import { OllamaClient } from './client.ts'
import { unreadableAnswer } from './errors.ts'
import { guardReply } from './schema.ts'

interface GuardAddress {
  readonly url: string
  readonly token: string
}

const DEFAULT_TIMEOUT_MS = 10_000
const MAX_BYTES = 1024 * 1024

/** Talks to the guard in a pod, through the provider's proxy, which answers in its own ways while a pod comes up. */
export class HttpGuardClient implements GuardClient {
  readonly #fetch: Fetch<StreamedReply>
  readonly #timeoutMs: number

  constructor(fetch: Fetch<StreamedReply>, timeoutMs = DEFAULT_TIMEOUT_MS) {
    this.#fetch = fetch
    this.#timeoutMs = timeoutMs
  }

  async status(address: GuardAddress, signal: AbortSignal): Promise<GuardStatus> {
    const reply = guardReply.safeParse(await this.#send('GET', '/guard/status', address, signal))
    if (!reply.success) throw unreadableAnswer('GET /guard/status', reply.error)
    const { model, modelDigest, progress, lastUseAt, error, ...rest } = reply.data
    return {
      ...rest,
      model: model ?? null,
      modelDigest: modelDigest ?? null,
      progress: progress ?? null,
      lastUseAt: lastUseAt ?? null,
      error: error ?? null,
    }
  }

  async heartbeat(address: GuardAddress, signal: AbortSignal): Promise<void> {
    await this.#send('POST', '/guard/heartbeat', address, signal)
  }

  async #send(method: 'GET' | 'POST', path: string, address: GuardAddress, signal: AbortSignal): Promise<unknown> {
    const client = new OllamaClient(this.#fetch, address)
    const limits = { totalMs: this.#timeoutMs, silenceMs: this.#timeoutMs }
    const bytes = await readWhole(client.stream({ method, path, signal, ...limits }), MAX_BYTES).catch((error) => {
      if (error instanceof RangeError) throw unreadableAnswer(`${method} ${path}`, error)
      throw error instanceof ModelError && isNotUpYet(error) ? notReady(method, path, error) : error
    })
    // Whoever owns the machine under a pod can make its guard say anything, its own token included.
    const text = withoutSecrets(new TextDecoder().decode(bytes), [address.token])
    try {
      return text.trim() === '' ? null : JSON.parse(text)
    } catch (cause) {
      throw unreadableAnswer(`${method} ${path}`, cause)
    }
  }
}

const NOT_UP_STATUSES = new Set([404, 502, 503, 504, 520, 521, 522, 523, 524])

function isNotUpYet(error: ModelError): boolean {
  const { status } = error.facts
  return error.code === 'not-ready' || (typeof status === 'number' && NOT_UP_STATUSES.has(status))
}

function notReady(method: string, path: string, cause: ModelError): ModelError {
  return new ModelError({
    code: 'not-ready',
    owner: 'retry',
    message: `The guard does not answer ${method} ${path} yet: ${cause.message}`,
    remedy: 'Wait until the pod is up.',
    facts: cause.facts,
    cause,
  })
}
