import { expect, test } from 'vitest'
import { samplePod } from '../ports/contracts/samples.ts'
import { ownEndOf, paidUntil } from './own-end.ts'

const ROW = samplePod(1, { attemptedAt: 1_000, readyAt: 5_000, lastUseAt: 8_000 })

test.each([
  [
    'between the last use and the sight of its end, when nobody looked',
    { aliveAt: null, silentAt: null },
    20_000,
    14_000,
  ],
  ['between the last proof of life and the sight of its end', { aliveAt: 16_000, silentAt: null }, 20_000, 18_000],
  ['between the last answer of its guard and the first silence', { aliveAt: 16_000, silentAt: 17_000 }, 20_000, 16_500],
  ['where life was proved after a silence, after that', { aliveAt: 18_000, silentAt: 17_000 }, 20_000, 19_000],
  ['never after it was noticed', { aliveAt: 21_000, silentAt: null }, 20_000, 20_000],
])('a pod of its own accord has ended %s', (_, life, noticedAt, endAt) => {
  expect(ownEndOf(ROW, life, noticedAt)).toBe(endAt)
})

test.each([
  ['its DELETE', {}, 9_000],
  ['its own end before it', { ownEndAt: 7_000 }, 7_000],
  ['the DELETE when it seemed to end later', { ownEndAt: 12_000 }, 9_000],
  ['the list that no longer showed it', { absentSince: 6_000 }, 6_000],
  ['its DELETE, when it was too young for lists', { absentSince: 4_000 }, 9_000],
])('it is paid until %s', (_, more, at) => {
  expect(paidUntil({ ...ROW, ...more }, 9_000, 4_000)).toBe(at)
})
