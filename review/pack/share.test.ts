import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shareOf } from './share.ts'

const limits = { fullBytes: 20_000, slots: 4, maxPrompts: 100 }
const pieces = (count: number, bytes: number) => Array.from({ length: count }, () => bytes)

describe('the code of one prompt', () => {
  test.each([
    ['a small change stays whole, so that its parts are seen together', pieces(6, 500), 4_000],
    ['what would fill one prompt is shared out among the slots', pieces(40, 480), 5_280],
    ['what would fill five prompts makes two rounds of four', pieces(200, 480), 13_200],
    ['what fills all rounds is packed as tightly as it fits', pieces(200, 800), 20_000],
    ['what the budget does not pay for in rounds is packed tightly', pieces(2_000, 2_000), 20_000],
    ['nothing is shared out', [], 20_000],
  ])('%s', (_, sizes, bytes) => {
    expect(shareOf(sizes, limits)).toBe(bytes)
  })

  test('is never more than fits, and never so little that more rounds would be needed than slots fill', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 200 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 8 }), (all, slots) => {
        const bytes = shareOf(all, { ...limits, slots })
        const total = all.reduce((sum, size) => sum + size, 0)
        const rounds = (each: number) => Math.ceil(Math.ceil(total / each) / slots)
        expect(bytes).toBeLessThanOrEqual(limits.fullBytes)
        expect(rounds(bytes)).toBeLessThanOrEqual(Math.max(1, rounds(limits.fullBytes)))
      }),
      { numRuns: 500 },
    )
  })
})
