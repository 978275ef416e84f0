import { expect, test } from 'vitest'
import { jobId } from '../ids.ts'
import { createSeededRandom } from './seeded-random.ts'

test('one seed gives one sequence, another seed another', () => {
  const draw = (seed: number) => {
    const random = createSeededRandom(seed)
    return [random.hex(8), random.ulid(1_700_000_000_000), random.fraction()]
  }
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
})

test('ULIDs are job ids that sort by time', () => {
  const random = createSeededRandom(7)
  const early = random.ulid(1_700_000_000_000)
  const late = random.ulid(1_700_000_000_001)
  expect(jobId.parse(early) < jobId.parse(late)).toBe(true)
})

test('fractions cover [0, 1)', () => {
  const random = createSeededRandom(3)
  const drawn = Array.from({ length: 1_000 }, () => random.fraction())
  expect(Math.min(...drawn)).toBeLessThan(0.05)
  expect(Math.max(...drawn)).toBeGreaterThan(0.95)
  expect(Math.max(...drawn)).toBeLessThan(1)
})
