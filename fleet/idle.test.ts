import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contextOf, type IdleMemory, keepIdleMs, NO_IDLE_MEMORY, recordGap, recordTime } from './idle.ts'
import type { IdlePolicy } from './policy.ts'

const MINUTE = 60_000
const ADAPTIVE: IdlePolicy = { kind: 'adaptive', maxMs: 10 * MINUTE, spendTarget: 0.1 }

function memoryOf(gapsMs: readonly number[], busyMs: number, idleMs = 0): IdleMemory {
  return recordTime(
    gapsMs.reduce((memory, ms) => recordGap(memory, ms, 'calm'), NO_IDLE_MEMORY),
    busyMs,
    idleMs,
  )
}

test('immediate keeps nothing, fixed keeps its time', () => {
  expect(keepIdleMs(NO_IDLE_MEMORY, { ...ADAPTIVE, kind: 'immediate' }, 'calm')).toBe(0)
  expect(keepIdleMs(NO_IDLE_MEMORY, { ...ADAPTIVE, kind: 'fixed' }, 'calm')).toBe(10 * MINUTE)
})

test('idle time never passes its share of all paid time, whatever came before', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          gapMs: fc.nat(30 * MINUTE),
          busyMs: fc.integer({ min: 1_000, max: 10 * MINUTE }),
          isHinted: fc.boolean(),
        }),
        { maxLength: 60 },
      ),
      fc.constantFrom(0, 0.05, 0.1, 0.5),
      (days, spendTarget) => {
        let memory = NO_IDLE_MEMORY
        for (const { gapMs, busyMs, isHinted } of days) {
          memory = recordTime(memory, busyMs, 0)
          const context = contextOf(memory, isHinted)
          const keptMs = Math.min(gapMs, keepIdleMs(memory, { ...ADAPTIVE, spendTarget }, context))
          expect(keptMs).toBeLessThanOrEqual(10 * MINUTE)
          memory = recordGap(recordTime(memory, 0, keptMs), gapMs, context)
          expect(memory.idleMs).toBeLessThanOrEqual(spendTarget * (memory.busyMs + memory.idleMs) + 1e-6)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})

test('it waits as long as jobs have come, and not where none has', () => {
  const shortGaps = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 20_000 : 9 * 60 * MINUTE))
  const wait = keepIdleMs(memoryOf(shortGaps, 600 * MINUTE), ADAPTIVE, 'calm')
  expect(wait).toBeGreaterThanOrEqual(20_000)
  expect(wait).toBeLessThan(30_000)
})

test('it gives back at once where every gap is longer than it may wait', () => {
  const longGaps = Array.from({ length: 40 }, () => 60 * MINUTE)
  expect(keepIdleMs(memoryOf(longGaps, 600 * MINUTE), ADAPTIVE, 'calm')).toBe(0)
})

test('nothing is kept once the allowance is spent', () => {
  const gaps = Array.from({ length: 40 }, () => 20_000)
  expect(keepIdleMs(memoryOf(gaps, 90 * MINUTE, 10 * MINUTE), ADAPTIVE, 'calm')).toBe(0)
})

test('hinted gaps are learnt apart', () => {
  const both = Array.from({ length: 30 }).reduce<IdleMemory>(
    (memory) => recordGap(recordGap(memory, 60_000, 'hinted'), 60 * MINUTE, 'calm'),
    recordTime(NO_IDLE_MEMORY, 600 * MINUTE, 0),
  )
  expect(keepIdleMs(both, ADAPTIVE, 'hinted')).toBeGreaterThanOrEqual(60_000)
  expect(keepIdleMs(both, ADAPTIVE, 'calm')).toBe(0)
})
