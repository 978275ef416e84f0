import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlidingWindow } from './sliding-window.ts'

const AMOUNT = 20
const WINDOW_MS = 1_000

const wishes = fc.array(
  fc.record({
    pauseMs: fc.nat(400),
    cost: fc.integer({ min: 1, max: 5 }),
    replyAfterMs: fc.nat(300),
    countedAt: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 80 },
)

test('whenever the other side counts a call between its leaving and its reply, no stretch of a window holds more than the amount', () => {
  fc.assert(
    fc.property(wishes, (all) => {
      const window = new SlidingWindow(AMOUNT, WINDOW_MS)
      const counted: { at: number; cost: number }[] = []
      let underWay: { endsAt: number; cost: number }[] = []
      let now = 0
      const passTo = (until: number) => {
        now = until
        const ended = underWay.filter(({ endsAt }) => endsAt <= now).toSorted((a, b) => a.endsAt - b.endsAt)
        for (const { cost, endsAt } of ended) window.end(cost, endsAt)
        underWay = underWay.filter(({ endsAt }) => endsAt > now)
      }
      for (const { pauseMs, cost, replyAfterMs, countedAt } of all) {
        passTo(now + pauseMs)
        for (let waitMs = window.waitMs(cost, now); waitMs > 0; waitMs = window.waitMs(cost, now)) passTo(now + waitMs)
        window.begin(cost)
        underWay.push({ endsAt: now + replyAfterMs, cost })
        counted.push({ at: now + replyAfterMs * countedAt, cost })
      }
      for (const { at: from } of counted) {
        const within = counted.filter(({ at }) => at >= from && at < from + WINDOW_MS)
        expect(within.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(AMOUNT)
      }
    }),
    { numRuns: 1_000 },
  )
})

test('what fits need not wait, and what does not waits no longer than it must', () => {
  const window = new SlidingWindow(10, 1_000)
  window.begin(6)
  window.end(6, 100)
  window.begin(4)
  expect(window.waitMs(5, 200)).toBe(900)
  expect(window.waitMs(7, 200)).toBe(1_000)
  window.end(4, 300)
  expect([window.waitMs(7, 300), window.waitMs(6, 1_100), window.waitMs(7, 1_100)]).toEqual([1_000, 0, 200])
})
