import type { Clock } from '../ports/clock.ts'
import { StoreError } from '../ports/errors.ts'
import { isStoreAway } from '../ports/store-errors.ts'

const LONGEST_MS = 90_000
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000

/**
 * Waits for a database that is away or full for a minute: what is about to be written was paid for. Safe for writes that may be made
 * twice, since a lost connection does not tell whether the statement was carried out.
 */
export async function patiently<T>(clock: Clock, write: () => Promise<T>): Promise<T> {
  const giveUpAt = clock.now() + LONGEST_MS
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    try {
      return await write()
    } catch (error) {
      const mayPass = isStoreAway(error) || (error instanceof StoreError && error.code === 'unavailable')
      if (!mayPass || clock.now() >= giveUpAt) throw error
      await clock.sleep(waitMs)
    }
  }
}

const SHORTEST_AWAY_MS = 5_000
const LONGEST_AWAY_MS = 300_000

/** How long to leave somebody alone who has been away for `sinceMs`: a quarter of that, from 5 s to 5 min. */
export function awayMs(sinceMs: number): number {
  return Math.min(LONGEST_AWAY_MS, Math.max(SHORTEST_AWAY_MS, sinceMs / 4))
}
