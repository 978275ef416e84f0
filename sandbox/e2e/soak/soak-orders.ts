import type { SoakOrder } from './soak-run.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MONDAY = Date.UTC(2026, 10, 16)

/** Whole days from a Monday on, looked at when each has ended, at three in the morning. */
export function daysOf(days: number, seed: number): SoakOrder {
  const keptMs = 2 * DAY
  return {
    seed,
    looks: days,
    everyMs: DAY,
    startsAt: MONDAY,
    firstLookMs: 27 * HOUR,
    perHour: 36,
    judgedAfterMs: 8 * HOUR,
    keptMs,
  }
}

/** A day without GitHub, from Tuesday noon on, and the day after. */
export function dayWithoutGithub(seed: number): SoakOrder {
  const startsAt = MONDAY + DAY + 9 * HOUR
  const outage = { afterMs: 3 * HOUR, forMs: DAY }
  const patience = { judgedAfterMs: 30 * HOUR, keptMs: 90 * DAY }
  return { seed, looks: 3, everyMs: 10 * HOUR, startsAt, firstLookMs: 10 * HOUR, perHour: 8, outage, ...patience }
}

/** One morning, for whoever has seconds. */
export function morning(seed: number): SoakOrder {
  const startsAt = MONDAY + 9 * HOUR
  const pace = { looks: 8, everyMs: HOUR / 4, startsAt, firstLookMs: HOUR / 4 }
  return { seed, ...pace, perHour: 9, judgedAfterMs: HOUR, keptMs: HOUR / 2 }
}
