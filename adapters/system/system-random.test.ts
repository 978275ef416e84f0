import fc from 'fast-check'
import { decodeTime } from 'ulid'
import { expect, test } from 'vitest'
import { jobId } from '../../ports/ids.ts'
import { createSystemRandom } from './system-random.ts'

test('a ULID is a job id and tells its moment', () => {
  const random = createSystemRandom()
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (atMs) => {
      const made = random.ulid(atMs)
      expect(jobId.parse(made)).toBe(made)
      expect(decodeTime(made)).toBe(atMs)
    }),
  )
})

test('ULIDs of one millisecond go up', () => {
  const random = createSystemRandom()
  const made = Array.from({ length: 500 }, () => random.ulid(1_700_000_000_000))
  expect(made.toSorted()).toEqual(made)
  expect(new Set(made).size).toBe(500)
})

test('hexadecimal has two characters per byte and never repeats', () => {
  const random = createSystemRandom()
  expect(random.hex(16)).toMatch(/^[0-9a-f]{32}$/)
  expect(random.hex(16)).not.toBe(random.hex(16))
})

test('a fraction stays in [0, 1)', () => {
  const random = createSystemRandom()
  for (let i = 0; i < 200; i++) {
    const value = random.fraction()
    expect(value).toBeGreaterThanOrEqual(0)
    expect(value).toBeLessThan(1)
  }
})
