import type { Clock } from '../../ports/clock.ts'

/** GitHub allows 900 points a minute: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api; some are left to others. */
const POINTS_PER_MINUTE = 800
const READ_POINTS = 1
const WRITE_POINTS = 5
const WINDOW_MS = 60_000

/** What an owner (an installation, a token) may ask of GitHub within a minute. */
export interface PointBudget {
  /** Resolves when the call may be made; a backlog is worked off at GitHub's pace instead of being refused. */
  take(owner: string, isRead: boolean): Promise<void>
}

export function createPointBudget(clock: Clock, perMinute: number = POINTS_PER_MINUTE): PointBudget {
  const windows = new Map<string, { startedAt: number; used: number }>()
  return {
    async take(owner, isRead) {
      const points = isRead ? READ_POINTS : WRITE_POINTS
      for (;;) {
        const now = clock.now()
        const known = windows.get(owner)
        // A clock that was set back must not make anybody wait for the old minute to come again.
        const isOver = known === undefined || now - known.startedAt >= WINDOW_MS || now < known.startedAt
        const window = isOver ? { startedAt: now, used: 0 } : known
        windows.set(owner, window)
        if (window.used + points <= perMinute) {
          window.used += points
          return
        }
        await clock.sleep(window.startedAt + WINDOW_MS - now)
      }
    },
  }
}
