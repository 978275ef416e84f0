import { systemClock } from '../../../adapters/system/system-clock.ts'
import type { Clock } from '../../../ports/clock.ts'

/** The machine's clock of one process, which can be set while it runs; waiting takes as long as it takes. */
export class ShiftedClock implements Clock {
  #offsetMs: number

  constructor(offsetMs: number) {
    this.#offsetMs = offsetMs
  }

  set(offsetMs: number): void {
    this.#offsetMs = offsetMs
  }

  now(): number {
    return systemClock.now() + this.#offsetMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }
}
