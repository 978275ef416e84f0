import { expect, test } from 'vitest'
import { GithubError } from './errors.ts'
import { retryDelayMs } from './retry-delay.ts'

test('the wait doubles from a second to a minute', () => {
  expect([1, 2, 3, 7, 50].map((failures) => retryDelayMs(failures, null))).toEqual([
    1_000, 2_000, 4_000, 60_000, 60_000,
  ])
})

test('the other side may ask for more, never for less', () => {
  const limited = (retryAfterMs: number) =>
    new GithubError({ code: 'rate-limited', message: 'm', remedy: 'r', owner: 'retry', retryAfterMs })
  expect(retryDelayMs(1, limited(90_000))).toBe(90_000)
  expect(retryDelayMs(3, limited(5))).toBe(4_000)
})
