import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Database } from './sql.ts'

const LOOK_EVERY_MS = 5_000
/** Closer than this the machine's own clock is as good: asking takes a moment itself. */
const TOLERATED_MS = 250
/** An answer that took longer says too little of when it was written. */
const SLOWEST_ANSWER_MS = 1_000
const WORTH_TELLING_MS = 5_000
/** Between two looks at the machine's clock it and time itself go alike, or it was set. */
const SET_MS = 1_000

const NOW = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now'

export interface FollowedClock {
  readonly clock: Clock
  stop(): void
}

/**
 * The machine's clock, put right by the database's: replicas compare times that others wrote, so all of them must go by one clock, whatever
 * their machines say. It is compared every five seconds, and at once when the machine's clock was set.
 */
export async function followDatabaseClock(
  database: Pick<Database, 'query'>,
  own: Clock,
  log: Log,
  monotonicMs: () => number = () => performance.now(),
): Promise<FollowedClock> {
  const over = new AbortController()
  let offsetMs = 0
  let drift = own.now() - monotonicMs()
  let looking: Promise<void> | undefined

  async function compare(): Promise<void> {
    const [before, beganAt] = [own.now(), monotonicMs()]
    const [row] = await database.query<{ now: number }>(NOW)
    const [after, tookMs] = [own.now(), monotonicMs() - beganAt]
    const wasSet = Math.abs(after - before - tookMs) > TOLERATED_MS
    if (row === undefined || wasSet || tookMs > SLOWEST_ANSWER_MS) return
    const apartMs = Math.round(row.now - (before + after) / 2)
    if (Math.abs(apartMs - offsetMs) <= TOLERATED_MS) return
    offsetMs = Math.abs(apartMs) <= TOLERATED_MS ? 0 : apartMs
    if (Math.abs(offsetMs) < WORTH_TELLING_MS) return
    log.warn(
      { apartSeconds: Math.round(offsetMs / 1000) },
      "This machine's clock and the database's are apart; the database's counts. Set the machine's (NTP).",
    )
  }

  /** The database may be away: what was known last counts until it is back. */
  function look(): Promise<void> {
    looking ??= compare()
      .catch(() => {})
      .finally(() => {
        looking = undefined
      })
    return looking
  }

  async function keepLooking(): Promise<void> {
    for (;;) {
      await own.sleep(LOOK_EVERY_MS, over.signal)
      await look()
    }
  }

  await look()
  void keepLooking().catch(() => {})
  return {
    clock: {
      now() {
        const wall = own.now()
        const driftNow = wall - monotonicMs()
        if (Math.abs(driftNow - drift) > SET_MS && !over.signal.aborted) void look()
        drift = driftNow
        return wall + offsetMs
      },
      sleep: (ms, signal) => own.sleep(ms, signal),
    },
    stop: () => over.abort(),
  }
}
