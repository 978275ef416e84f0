import type { Clock } from '../ports/clock.ts'

/** A wait that can be cut short. A ring during work is not lost: the next wait returns at once. */
export class Wake {
  #isRung = false
  #waiting: AbortController | undefined

  ring(): void {
    this.#isRung = true
    this.#waiting?.abort()
  }

  /** Returns after `ms` or a ring, whichever is first; rejects with the signal's reason. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!this.#isRung) {
      const waiting = new AbortController()
      const stop = () => waiting.abort()
      signal.addEventListener('abort', stop, { once: true })
      this.#waiting = waiting
      try {
        await clock.sleep(ms, waiting.signal)
      } catch (error) {
        if (!waiting.signal.aborted) throw error
      } finally {
        signal.removeEventListener('abort', stop)
        this.#waiting = undefined
      }
    }
    this.#isRung = false
    signal.throwIfAborted()
  }
}
