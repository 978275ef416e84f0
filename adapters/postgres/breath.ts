import { setImmediate } from 'node:timers/promises'

/** Longest stretch of statements between which nothing else of this process gets its turn. */
const STRETCH_MS = 3

/**
 * PGlite works on our own thread and goes from one waiting statement to the next without giving way, so that a hundred of them keep a
 * webhook from being read. Call this before each: now and then it lets the event loop turn.
 */
export function createBreath(now: () => number = () => performance.now()): () => Promise<void> {
  let lastTurnAt = Number.NEGATIVE_INFINITY
  let turning: Promise<void> | undefined
  return async () => {
    if (turning === undefined && now() - lastTurnAt < STRETCH_MS) return
    turning ??= setImmediate().then(() => {
      lastTurnAt = now()
      turning = undefined
    })
    await turning
  }
}
