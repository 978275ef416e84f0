import { expect, test } from 'vitest'
import { agoText, countText, durationText, percentText, timeText } from './words.ts'

test.each([
  [-5, '0 ms'],
  [450, '450 ms'],
  [12_340, '12.3 s'],
  [60_000, '1 min'],
  [245_900, '4 min 05 s'],
  [7_800_000, '2 h 10 min'],
  [273_600_000, '3 d 4 h'],
])('%d milliseconds are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test.each([
  [9_000, 'just now'],
  [45_000, '45 s ago'],
  [300_000, '5 min ago'],
  [47 * 3_600_000, '47 h ago'],
  [5 * 86_400_000, '5 days ago'],
  [-60_000, 'just now'],
])('%d milliseconds before is %s', (ms, text) => {
  expect(agoText(1_000_000_000_000 - ms, 1_000_000_000_000)).toBe(text)
})

test('times are UTC, shares are percent, counts have their plural', () => {
  expect(timeText(Date.UTC(2026, 10, 21, 13, 5, 9))).toBe('2026-11-21 13:05:09 UTC')
  expect(percentText(0.0812)).toBe('8.1 %')
  expect([countText(1, 'job'), countText(0, 'job'), countText(12_345, 'job')]).toEqual([
    '1 job',
    '0 jobs',
    '12,345 jobs',
  ])
})
