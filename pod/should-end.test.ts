import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LifeState, shouldEnd } from './should-end.ts'

const minute = 60_000
const base: LifeState = {
  startedAt: 0,
  deadlineAt: 240 * minute,
  lastHeartbeatAt: 0,
  restingSince: null,
  inFlight: 0,
  heartbeatMs: 15 * minute,
  bootGraceMs: 25 * minute,
  idleMs: 12 * minute,
}

const cases: readonly (readonly [string, Partial<LifeState>, number, string | null])[] = [
  ['young and unclaimed', { lastHeartbeatAt: null }, 24, null],
  ['never claimed', { lastHeartbeatAt: null }, 25, 'never-claimed'],
  ['claimed once, then silence', { lastHeartbeatAt: 3 * minute }, 18, 'heartbeat-lost'],
  ['claimed and within the limit', { lastHeartbeatAt: 3 * minute }, 17, null],
  ['idle with heartbeats', { lastHeartbeatAt: 30 * minute, restingSince: 20 * minute }, 32, 'idle'],
  ['not idle yet', { lastHeartbeatAt: 30 * minute, restingSince: 20 * minute }, 31, null],
  ['a request runs', { lastHeartbeatAt: 60 * minute, restingSince: 20 * minute, inFlight: 1 }, 70, null],
  ['a request runs, but we are silent', { lastHeartbeatAt: 30 * minute, inFlight: 1 }, 45, 'heartbeat-lost'],
  ['a long pull is not idleness', { lastHeartbeatAt: 40 * minute, restingSince: null }, 41, null],
  ['the deadline', { lastHeartbeatAt: 239 * minute, inFlight: 3 }, 240, 'deadline'],
  ['no deadline was given', { deadlineAt: 0 }, 0, 'deadline'],
]

describe('the dead-man’s switch', () => {
  test.each(cases)('%s', (_name, more, minutes, expected) => {
    expect(shouldEnd({ ...base, ...more }, minutes * minute)).toBe(expected)
  })

  const time = fc.integer({ min: 0, max: 500 * minute })
  const state = fc.record({
    startedAt: time,
    deadlineAt: time,
    lastHeartbeatAt: fc.option(time),
    restingSince: fc.option(time),
    inFlight: fc.nat(3),
    heartbeatMs: fc.integer({ min: 1, max: 60 * minute }),
    bootGraceMs: fc.integer({ min: 1, max: 60 * minute }),
    idleMs: fc.integer({ min: 1, max: 60 * minute }),
  })

  test('nothing outlives the deadline, and nothing that must end is later reprieved by time alone', () => {
    fc.assert(
      fc.property(state, time, time, (life, now, later) => {
        if (now >= life.deadlineAt) expect(shouldEnd(life, now)).toBe('deadline')
        if (shouldEnd(life, now) !== null) expect(shouldEnd(life, now + later)).not.toBeNull()
      }),
      { numRuns: 1_000 },
    )
  })

  test('whatever happens, it ends within the longest of its limits after the last sign of life', () => {
    fc.assert(
      fc.property(state, (life) => {
        const lastSign = Math.max(life.startedAt, life.lastHeartbeatAt ?? 0)
        expect(shouldEnd(life, lastSign + Math.max(life.heartbeatMs, life.bootGraceMs))).not.toBeNull()
      }),
      { numRuns: 1_000 },
    )
  })
})
