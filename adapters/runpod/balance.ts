import type { Fetch } from '../../ports/fetch.ts'
import type { Log } from '../../ports/log.ts'
import { type MicroUsd, microUsdFromUsd } from '../../ports/money.ts'
import { balanceReply } from './schema.ts'

export interface BalanceParts {
  readonly fetch: Fetch
  /** Null switches the only balance source off. It is announced to end in early 2027. */
  readonly graphqlUrl: string | null
  readonly apiKey: () => string
  readonly log: Log
  readonly timeoutMs?: number
}

const QUERY = '{"query":"query { myself { clientBalance } }"}'
const GONE = new Set([404, 405, 410])
const DEFAULT_TIMEOUT_MS = 10_000

/** Reads the account balance. Answers null when it cannot, and asks no more once the service is gone. Never throws but on abort. */
export class BalanceReader {
  readonly #parts: BalanceParts
  #isGone = false

  constructor(parts: BalanceParts) {
    this.#parts = parts
  }

  async read(signal: AbortSignal): Promise<MicroUsd | null> {
    const { fetch, graphqlUrl, apiKey, log, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#parts
    if (graphqlUrl === null || this.#isGone) return null
    try {
      const reply = await fetch(graphqlUrl, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey()}`, 'content-type': 'application/json' },
        body: QUERY,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      const text = await reply.text()
      if (GONE.has(reply.status)) {
        this.#isGone = true
        log.warn({ status: reply.status }, 'RunPod GraphQL is gone: the balance is no longer shown')
        return null
      }
      const parsed = balanceReply.safeParse(reply.status === 200 ? JSON.parse(text) : null)
      const usd = parsed.success ? parsed.data.data?.myself?.clientBalance : undefined
      return usd === undefined ? null : microUsdFromUsd(usd)
    } catch (error) {
      signal.throwIfAborted()
      log.debug(
        { error: error instanceof Error ? error.message : String(error) },
        'RunPod GraphQL did not tell the balance',
      )
      return null
    }
  }
}
