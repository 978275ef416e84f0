import { PodsError, type PodsErrorCode } from '../ports/errors.ts'
import type { PodId } from '../ports/ids.ts'
import type { FleetParts } from './parts.ts'
import { errorText } from './refusal.ts'
import type { FleetTimings } from './timings.ts'

/** One DELETE: when it left, and what is known of its effect. */
export interface DeleteTry {
  /** The moment it left: the provider acts upon it whenever a busy or stopped process reads the answer. */
  readonly at: number
  /** `unclear`: it may have ended the pod all the same. `refused`: it has not. */
  readonly outcome: 'accepted' | 'absent' | 'unclear' | 'refused'
}

interface Tries {
  readonly count: number
  readonly nextAt: number
}

const UNCLEAR: ReadonlySet<PodsErrorCode> = new Set(['unavailable', 'unreadable', 'unknown-outcome'])

/** Sends DELETEs: one at a time per pod, again and again with growing pauses, and never gives up. */
export class Deleter {
  readonly #parts: Pick<FleetParts, 'provider' | 'clock' | 'log' | 'checkpoint'>
  readonly #timings: FleetTimings
  readonly #tries = new Map<string, Tries>()
  readonly #sending = new Set<string>()
  readonly #answered = new Set<string>()

  constructor(parts: Pick<FleetParts, 'provider' | 'clock' | 'log' | 'checkpoint'>, timings: FleetTimings) {
    this.#parts = parts
    this.#timings = timings
  }

  /** Whether a DELETE may leave now. */
  isDue(id: PodId): boolean {
    return !this.#sending.has(id) && this.#parts.clock.now() >= (this.#tries.get(id)?.nextAt ?? 0)
  }

  /** Whether a DELETE was answered in this term, since the pod was last seen. */
  isAnswered(id: PodId): boolean {
    return this.#answered.has(id)
  }

  /** The pod was seen although a DELETE was answered: that answer counts no more. */
  forget(id: PodId): void {
    this.#answered.delete(id)
  }

  /** `isYoung`: a pod so fresh that the provider may not know it yet; its 404 is no answer, and the DELETE is sent again. */
  async send(id: PodId, isYoung: boolean, signal: AbortSignal): Promise<DeleteTry> {
    const { provider, clock, log, checkpoint } = this.#parts
    const count = (this.#tries.get(id)?.count ?? 0) + 1
    let pauseMs = Math.min(
      this.#timings.longestDeleteRetryMs,
      this.#timings.firstDeleteRetryMs * 2 ** Math.min(count - 1, 20),
    )
    this.#sending.add(id)
    let at = clock.now()
    try {
      await checkpoint?.('delete:before')
      at = clock.now()
      const outcome = await provider.terminate(id, signal)
      await checkpoint?.('delete:after')
      log.info({ podId: id, answer: outcome, tries: count }, 'A pod was told to end')
      if (outcome === 'accepted' || !isYoung) this.#answered.add(id)
      return { at, outcome }
    } catch (error) {
      const level = count >= 5 ? 'error' : 'warn'
      log[level](
        { podId: id, error: errorText(error), tries: count },
        'A pod could not be ended yet; it is tried again',
      )
      if (!(error instanceof PodsError) || UNCLEAR.has(error.code)) return { at, outcome: 'unclear' }
      pauseMs = Math.max(pauseMs, error.retryAfterMs ?? 0)
      return { at, outcome: 'refused' }
    } finally {
      this.#sending.delete(id)
      this.#tries.set(id, { count, nextAt: clock.now() + pauseMs })
    }
  }
}
