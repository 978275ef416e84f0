import type { Clock } from '../../ports/clock.ts'
import { GithubError } from '../../ports/errors.ts'
import { createTurns } from './in-turn.ts'
import { createPointBudget, type PointBudget } from './point-budget.ts'
import { createSlots } from './slots.ts'
import { SlidingWindow } from './sliding-window.ts'

/** `content` is what creates something people are told of: comments, reviews, check runs. */
export type CallKind = 'read' | 'write' | 'content'

export interface Throttle {
  /** Runs `body` when GitHub's limits allow it; fails with `rate-limited` when new content would wait longer than `maxWaitMs`. */
  run<T>(owner: string, kind: CallKind, body: () => Promise<T>): Promise<T>
}

export interface ThrottleLimits {
  readonly concurrent: number
  readonly contentPerMinute: number
  readonly contentPerHour: number
  readonly maxWaitMs: number
}

/** GitHub's secondary limits: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api */
export const githubLimits: ThrottleLimits = {
  concurrent: 100,
  contentPerMinute: 80,
  contentPerHour: 500,
  maxWaitMs: 120_000,
}

export interface ThrottleParts {
  readonly clock: Clock
  readonly limits?: ThrottleLimits
  readonly points?: PointBudget
}

/** One set of limits per owner (an installation, a token), since GitHub counts per owner. */
export function createThrottle({
  clock,
  limits = githubLimits,
  points = createPointBudget(clock),
}: ThrottleParts): Throttle {
  const inSlot = createSlots(limits.concurrent)
  const inTurn = createTurns()
  const windows = new Map<string, readonly SlidingWindow[]>()
  const windowsOf = (owner: string) => {
    const known = windows.get(owner)
    if (known !== undefined) return known
    const fresh = [
      new SlidingWindow(limits.contentPerMinute, 60_000),
      new SlidingWindow(limits.contentPerHour, 3_600_000),
    ]
    windows.set(owner, fresh)
    return fresh
  }

  /** Begins to count when it leaves: what waited for its points is new content of the minute in which it is sent. */
  function admitContent(owner: string): Promise<() => void> {
    const givesUpAt = clock.now() + limits.maxWaitMs
    const both = windowsOf(owner)
    return inTurn(owner, async () => {
      for (;;) {
        const now = clock.now()
        const waitMs = Math.max(...both.map((window) => window.waitMs(1, now)))
        if (waitMs === 0) break
        if (now + waitMs > givesUpAt) throw waitedTooLong(limits.maxWaitMs)
        await clock.sleep(waitMs)
      }
      const giveBack = await points.take(owner, false)
      for (const window of both) window.begin(1)
      return () => {
        giveBack()
        for (const window of both) window.end(1, clock.now())
      }
    })
  }

  return {
    async run(owner, kind, body) {
      const end = await (kind === 'content' ? admitContent(owner) : points.take(owner, kind === 'read'))
      try {
        return await inSlot(owner, body)
      } finally {
        end()
      }
    },
  }
}

function waitedTooLong(maxWaitMs: number): GithubError {
  return new GithubError({
    code: 'rate-limited',
    message: `A call would have waited longer than ${maxWaitMs / 1000} s for GitHub's limit on new content (80 a minute, 500 an hour) and was not sent.`,
    remedy: 'Wait until GitHub allows more requests.',
    owner: 'retry',
    // Longer than the client waits by itself: it has waited enough.
    retryAfterMs: 300_000,
  })
}
