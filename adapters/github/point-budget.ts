import type { Clock } from '../../ports/clock.ts'
import { createTurns } from './in-turn.ts'
import { SlidingWindow } from './sliding-window.ts'

/** GitHub allows 900 points a minute: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api; some are left to others. */
const POINTS_PER_MINUTE = 800
const READ_POINTS = 1
const WRITE_POINTS = 5
const WINDOW_MS = 60_000

/** What an owner (an installation, a token) may ask of GitHub within a minute. */
export interface PointBudget {
  /**
   * Resolves when the call may be made, with what must be called when it has ended; a backlog is worked off in order and at GitHub's pace
   * instead of being refused.
   */
  take(owner: string, isRead: boolean): Promise<() => void>
}

export function createPointBudget(clock: Clock, perMinute: number = POINTS_PER_MINUTE): PointBudget {
  const windows = new Map<string, SlidingWindow>()
  const inTurn = createTurns()
  return {
    take: (owner, isRead) =>
      inTurn(owner, async () => {
        const points = isRead ? READ_POINTS : WRITE_POINTS
        const window = windows.get(owner) ?? new SlidingWindow(perMinute, WINDOW_MS)
        windows.set(owner, window)
        for (;;) {
          const waitMs = window.waitMs(points, clock.now())
          if (waitMs === 0) break
          await clock.sleep(waitMs)
        }
        window.begin(points)
        return () => window.end(points, clock.now())
      }),
  }
}
