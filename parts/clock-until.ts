import type { Clock } from '../ports/clock.ts'

/** The same clock, whose waits end when `over` aborts, with its reason: nobody who waits for minutes may keep a process that is to end. */
export function clockUntil(clock: Clock, over: AbortSignal): Clock {
  return {
    now: () => clock.now(),
    sleep: (ms, signal) => clock.sleep(ms, signal === undefined ? over : AbortSignal.any([over, signal])),
  }
}
