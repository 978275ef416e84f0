import Bottleneck from 'bottleneck'
import { GithubError } from '../../ports/errors.ts'

/** `content` is what creates something people are told of: comments, reviews, check runs. */
export type CallKind = 'read' | 'write' | 'content'

export interface Throttle {
  /** Runs `body` when GitHub's limits allow it; fails with `rate-limited` when that takes longer than `maxWaitMs`. */
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

/** One set of limiters per owner (an installation, a token), since GitHub counts per owner. */
export function createThrottle(limits: ThrottleLimits = githubLimits): Throttle {
  const concurrent = new Bottleneck.Group({ maxConcurrent: limits.concurrent })
  const perMinute = new Bottleneck.Group(reservoir(limits.contentPerMinute, 60_000))
  const perHour = new Bottleneck.Group(reservoir(limits.contentPerHour, 3_600_000))

  return {
    async run(owner, kind, body) {
      const inTime = boundedStart(body, limits.maxWaitMs)
      const atOnce = () => concurrent.key(owner).schedule(inTime.start)
      const scheduled =
        kind === 'content' ? perHour.key(owner).schedule(() => perMinute.key(owner).schedule(atOnce)) : atOnce()
      try {
        return await Promise.race([scheduled, inTime.tooLate])
      } finally {
        inTime.end()
      }
    },
  }
}

function reservoir(amount: number, everyMs: number) {
  return { reservoir: amount, reservoirRefreshAmount: amount, reservoirRefreshInterval: everyMs }
}

/** A body that starts within `maxWaitMs` or never. */
function boundedStart<T>(body: () => Promise<T>, maxWaitMs: number) {
  const waited = Promise.withResolvers<never>()
  const timer = setTimeout(() => waited.reject(waitedTooLong(maxWaitMs)), maxWaitMs)
  waited.promise.catch(() => {})
  let isOver = false
  return {
    tooLate: waited.promise,
    async start(): Promise<T> {
      if (isOver) throw waitedTooLong(maxWaitMs)
      clearTimeout(timer)
      return body()
    },
    end() {
      isOver = true
      clearTimeout(timer)
    },
  }
}

function waitedTooLong(maxWaitMs: number): GithubError {
  return new GithubError({
    code: 'rate-limited',
    message: `A call waited ${maxWaitMs / 1000} s for GitHub's limit on new content (80 a minute, 500 an hour) and was not sent.`,
    remedy: 'Wait until GitHub allows more requests.',
    owner: 'retry',
    // Longer than the client waits by itself: it has waited enough.
    retryAfterMs: 300_000,
  })
}
