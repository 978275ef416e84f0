import { expect, test } from 'vitest'
import { microUsdFromUsd } from '../ports/money.ts'
import { affordableLifetimeMs, capsAt, leastJobCost } from './budget.ts'
import { reservationOf } from './ledger.ts'

const HOUR = 3_600_000
const RATE = microUsdFromUsd(0.69)
const usd = microUsdFromUsd

test('days and months are those of UTC', () => {
  const caps = capsAt(Date.UTC(2026, 10, 21, 23, 59), usd(10), usd(100))
  expect(caps.map(({ scope, since }) => [scope, new Date(since).toISOString()])).toEqual([
    ['day', '2026-11-21T00:00:00.000Z'],
    ['month', '2026-11-01T00:00:00.000Z'],
  ])
})

test.each([
  ['a full budget gives the whole life', 0, 0, 4 * HOUR],
  ['what is left of the day shortens it', 9, 0, 86 * 60_000],
  ['what is left of the month shortens it', 0, 99, 86 * 60_000],
  ['too little for a useful life gives none', 9.9, 0, 0],
  ['an overspent day gives none', 11, 0, 0],
])('%s', (_, day, month, expected) => {
  const caps = capsAt(0, usd(10), usd(100))
  const lifetimeMs = affordableLifetimeMs(caps, [usd(day), usd(month)], RATE, 4 * HOUR)
  expect(lifetimeMs).toBe(expected)
  expect(reservationOf(RATE, lifetimeMs) + usd(day)).toBeLessThanOrEqual(Math.max(usd(10), usd(day)))
})

test('a job that may cost less than a boot is known before renting', () => {
  expect(leastJobCost(RATE, 120_000)).toBe(23_000)
})
