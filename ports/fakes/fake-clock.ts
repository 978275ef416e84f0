import type { Clock } from '../clock.ts'

interface Sleeper {
  readonly wakeAt: number
  readonly order: number
  readonly wake: () => void
}

export interface FakeClock extends Clock {
  /** Moves time on and wakes sleepers in order; each gets to run, and to sleep again, before the next wakes. */
  advance(ms: number): Promise<void>
  /** Jumps without waking anyone, as a machine's clock does when it is set. */
  jump(ms: number): void
  /** Advances from one sleeper to the next until `done` answers true; fails when nobody sleeps any more or `withinMs` is over. */
  runUntil(done: () => boolean, withinMs?: number): Promise<void>
  readonly sleeping: number
}

/** Virtual time: nothing happens until it is told to. */
export function createFakeClock(startAt = Date.UTC(2026, 10, 21, 12, 0, 0)): FakeClock {
  let now = startAt
  let order = 0
  const sleepers = new Set<Sleeper>()

  const next = () => [...sleepers].sort((a, b) => a.wakeAt - b.wakeAt || a.order - b.order)[0]
  const wake = async (sleeper: Sleeper) => {
    now = Math.max(now, sleeper.wakeAt)
    sleepers.delete(sleeper)
    sleeper.wake()
    await settle()
  }

  return {
    now: () => now,
    get sleeping() {
      return sleepers.size
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const onAbort = () => {
          sleepers.delete(sleeper)
          reject(signal?.reason)
        }
        const sleeper: Sleeper = {
          wakeAt: now + Math.max(0, ms),
          order: order++,
          wake: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    async advance(ms) {
      const until = now + ms
      await settle()
      for (let sleeper = next(); sleeper !== undefined && sleeper.wakeAt <= until; sleeper = next()) await wake(sleeper)
      now = until
    },
    jump(ms) {
      now += ms
    },
    async runUntil(done, withinMs = 24 * 3_600_000) {
      const until = now + withinMs
      for (await settle(); !done(); ) {
        const sleeper = next()
        if (sleeper === undefined) throw new Error('nobody sleeps any more and the condition does not hold')
        if (sleeper.wakeAt > until) throw new Error(`the condition does not hold within ${withinMs} ms of virtual time`)
        await wake(sleeper)
      }
    },
  }
}

/** Lets every promise that can go on go on: two turns, since a macrotask of the first may start new ones. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve))
}
