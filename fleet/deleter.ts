import type { PodId } from '../ports/ids.ts'
import type { FleetParts } from './parts.ts'
import { errorText } from './refusal.ts'
import type { FleetTimings } from './timings.ts'

interface Tries {
  readonly count: number
  readonly nextAt: number
}

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

  /**
   * Resolves with the moment at which the DELETE left, which the provider acts upon whenever a busy or stopped process reads the answer;
   * undefined when it failed or the pod was not known.
   */
  async send(id: PodId, signal: AbortSignal): Promise<number | undefined> {
    const { provider, clock, log, checkpoint } = this.#parts
    const { firstDeleteRetryMs, longestDeleteRetryMs } = this.#timings
    const count = (this.#tries.get(id)?.count ?? 0) + 1
    this.#sending.add(id)
    try {
      await checkpoint?.('delete:before')
      const sentAt = clock.now()
      const answer = await provider.terminate(id, signal)
      await checkpoint?.('delete:after')
      log.info({ podId: id, answer, tries: count }, 'A pod was told to end')
      this.#answered.add(id)
      return answer === 'accepted' ? sentAt : undefined
    } catch (error) {
      const level = count >= 5 ? 'error' : 'warn'
      log[level](
        { podId: id, error: errorText(error), tries: count },
        'A pod could not be ended yet; it is tried again',
      )
      return undefined
    } finally {
      this.#sending.delete(id)
      const pauseMs = Math.min(longestDeleteRetryMs, firstDeleteRetryMs * 2 ** Math.min(count - 1, 20))
      this.#tries.set(id, { count, nextAt: clock.now() + pauseMs })
    }
  }
}
