import type { Clock } from '../../ports/clock.ts'

/** Wakes one waiter. A ring while nobody waits is kept for the next wait, so none is lost between looking and waiting. */
export function createBell() {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring(): void {
      rung = true
      wake?.()
    },
    /** Called before looking, so that a ring from then on ends the wait. */
    silence(): void {
      rung = false
    },
    async wait(atMostMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
      if (rung || signal.aborted) return
      const heard = new AbortController()
      const either = AbortSignal.any([heard.signal, signal])
      wake = () => heard.abort()
      await clock.sleep(atMostMs, either).catch(() => {})
      wake = undefined
    },
  }
}
