import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PodId, podId, podName } from '../ports/ids.ts'
import { microUsd } from '../ports/money.ts'
import type { GuardPhase, ProviderPod, ProviderPodStatus } from '../ports/pods.ts'
import type { PodRow, PodState } from '../ports/store.ts'
import { NEVER_APPEARED } from './end-reasons.ts'
import type { GuardView, Observation, Sighting } from './observation.ts'
import { step } from './step.ts'
import { FLEET_TIMINGS } from './timings.ts'

const START = Date.UTC(2026, 10, 21, 12)
const HOUR = 3_600_000
const ID = podId.parse('pod1')
const NAME = podName.parse('devloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzzz-xabc')
const RATE = microUsd(690_000)

const ROW: PodRow = {
  name: NAME,
  slot: 0,
  state: 'ready',
  providerId: ID,
  candidate: { gpu: 'NVIDIA GeForce RTX 4090', cloud: 'SECURE', dataCenterIds: [] },
  model: 'qwen3-coder:30b',
  load: { contextTokens: 16_384 },
  parallel: 2,
  microUsdPerHour: RATE,
  reservedMicroUsd: microUsd(0),
  intentAt: START,
  attemptedAt: START,
  runningAt: START + 1_000,
  readyAt: START + 2_000,
  lastUseAt: START + 3_000,
  drainAt: null,
  terminateAt: null,
  deletedAt: null,
  absentSince: null,
  ownEndAt: null,
  goneAt: null,
  deadlineAt: START + 4 * HOUR,
  endReason: null,
  modelDigest: null,
}

const POD: ProviderPod = {
  id: ID,
  name: NAME,
  status: 'RUNNING',
  gpuCount: 1,
  gpu: null,
  cloud: null,
  microUsdPerHour: RATE,
  createdAt: START,
}

const CALM: Observation = {
  sighting: { kind: 'unknown' },
  refusal: null,
  guard: { kind: 'unasked' },
  life: { aliveAt: null, silentAt: null },
  isDeleteAnswered: false,
  holds: 0,
  unwantedSince: null,
  keepUntil: START + HOUR,
  makeRoom: false,
  endRequest: null,
  maxMicroUsdPerHour: microUsd(800_000),
}

const present = (startedAt: number, more: Partial<ProviderPod> = {}): Sighting => ({
  kind: 'present',
  startedAt,
  pod: { ...POD, ...more },
})
const absent = (startedAt: number): Sighting => ({ kind: 'absent', startedAt })
const answered = (phase: GuardPhase, error: string | null = null): GuardView => ({
  kind: 'answered',
  status: {
    phase,
    model: null,
    modelDigest: 'sha256:d',
    progress: null,
    inFlight: 0,
    lastUseAt: null,
    deadlineAt: 0,
    error,
  },
})
const follows = (row: Partial<PodRow>, seen: Partial<Observation>, atMs: number) =>
  step({ ...ROW, ...row }, { ...CALM, ...seen }, START + atMs, FLEET_TIMINGS)

const NEW: Partial<PodRow> = { state: 'intent', providerId: null, runningAt: null, readyAt: null, lastUseAt: null }
const BOOTING: Partial<PodRow> = { state: 'creating', runningAt: null, readyAt: null, lastUseAt: null }

describe('a wish', () => {
  test('whose POST never left is rejected', () => {
    const { patch, actions } = follows({ ...NEW, attemptedAt: null }, {}, 5)
    expect([patch.state, patch.endReason, actions[0]?.kind]).toEqual(['rejected', 'never sent', 'settle'])
  })

  test('without an answer waits, is adopted by name, or given up 90 s after the POST; only a list begun then counts', () => {
    expect(follows(NEW, { sighting: absent(START + 89_000) }, 600_000).patch).toEqual({})
    expect(follows(NEW, { sighting: present(START + 5_000) }, 6_000).patch).toMatchObject({
      state: 'creating',
      providerId: ID,
    })
    expect(follows(NEW, { sighting: absent(START + 90_000) }, 91_000).patch).toMatchObject({
      state: 'rejected',
      endReason: NEVER_APPEARED,
    })
    expect(follows(NEW, { sighting: absent(START + 90_000) }, 91_000).actions).toEqual([])
  })

  test('that was refused is rejected and settled at nothing', () => {
    const { patch, actions } = follows(NEW, { refusal: 'no-capacity' }, 10)
    expect(patch).toMatchObject({ state: 'rejected', endReason: 'no-capacity' })
    expect(actions).toEqual([{ kind: 'settle', microUsd: 0, reason: 'no-capacity' }])
  })

  test('is billed from the making of its pod when that is known to be later than the POST', () => {
    const { patch } = follows(NEW, { sighting: present(START + 30_000, { createdAt: START + 20_000 }) }, 31_000)
    expect(patch.attemptedAt).toBe(START + 20_000)
    expect(
      follows(NEW, { sighting: present(START + 30_000, { createdAt: START - 5_000 }) }, 31_000).patch.attemptedAt,
    ).toBeUndefined()
  })
})

describe('a pod that comes up', () => {
  test.each<[string, Partial<PodRow>, Partial<Observation>, number, Partial<PodRow>]>([
    ['runs', BOOTING, { sighting: present(START) }, 9_000, { state: 'booting', runningAt: START + 9_000 }],
    ['answers', BOOTING, { guard: answered('pulling') }, 9_000, { state: 'warming', runningAt: START + 9_000 }],
    [
      'is ready',
      { ...BOOTING, state: 'warming', runningAt: START },
      { guard: answered('ready') },
      9_000,
      { state: 'ready', readyAt: START + 9_000, modelDigest: 'sha256:d' },
    ],
  ])('%s', (_, row, seen, atMs, patch) => {
    expect(follows(row, seen, atMs).patch).toMatchObject(patch)
  })

  test.each<[string, Partial<PodRow>, Partial<Observation>, number, string]>([
    ['never runs', BOOTING, { sighting: present(START, { status: 'PROVISIONING' }) }, 600_000, 'not running in time'],
    ['never answers', { ...BOOTING, state: 'booting', runningAt: START }, {}, 600_000, 'guard not up in time'],
    [
      'never finishes its model',
      { ...BOOTING, state: 'warming', runningAt: START },
      { guard: answered('pulling') },
      1_500_000,
      'model not ready in time',
    ],
    ['found no GPU', BOOTING, { sighting: present(START, { gpuCount: 0 }) }, 9_000, 'no GPU'],
    ['ended', BOOTING, { sighting: present(START, { status: 'EXITED' }) }, 9_000, 'pod exited'],
    [
      'cannot load',
      { ...BOOTING, state: 'warming', runningAt: START },
      { guard: answered('failed', 'no space') },
      9_000,
      'guard: no space',
    ],
  ])('and %s is ended, and its candidate rests', (_, row, seen, atMs, reason) => {
    const { patch, actions } = follows(row, seen, atMs)
    expect(patch).toMatchObject({ state: 'terminating', endReason: reason })
    expect(actions.map((action) => action.kind)).toEqual(['delete', 'boot-failed'])
  })

  test('for nobody is ended after a short grace', () => {
    expect(follows(BOOTING, { unwantedSince: START }, 14_000).patch.state).toBeUndefined()
    expect(follows(BOOTING, { unwantedSince: START }, 15_000).patch).toMatchObject({
      state: 'terminating',
      endReason: 'nobody waits any more',
    })
  })

  test('and costs more than allowed is ended', () => {
    const dear = present(START, { microUsdPerHour: microUsd(900_000) })
    expect(follows(BOOTING, { sighting: dear }, 9_000).patch.endReason).toBe('price above the ceiling')
  })
})

describe('a pod that serves', () => {
  test.each<[string, Partial<PodRow>, Partial<Observation>, number, PodState | undefined, string | undefined]>([
    ['stays while it is wanted', {}, { keepUntil: START }, HOUR, undefined, undefined],
    [
      'stays until the idle policy lets go',
      {},
      { unwantedSince: START, keepUntil: START + HOUR },
      HOUR - 1,
      undefined,
      undefined,
    ],
    [
      'goes when the idle policy lets go',
      {},
      { unwantedSince: START, keepUntil: START + HOUR },
      HOUR,
      'terminating',
      'idle',
    ],
    [
      'stays while a call is in flight at its guard',
      {},
      {
        unwantedSince: START,
        keepUntil: START,
        guard: {
          kind: 'answered',
          status: { ...(answered('ready') as Extract<GuardView, { kind: 'answered' }>).status, inFlight: 1 },
        },
      },
      HOUR,
      'busy',
      undefined,
    ],
    ['is busy while slots are held', {}, { holds: 1 }, 9_000, 'busy', undefined],
    ['is ready again when they are released', { state: 'busy' }, {}, 9_000, 'ready', undefined],
    ['makes room', {}, { makeRoom: true }, 9_000, 'terminating', 'another model waits'],
    [
      'drains first when calls run',
      { state: 'busy' },
      { makeRoom: true, holds: 1 },
      9_000,
      'draining',
      'another model waits',
    ],
    ['drains before its deadline', { state: 'busy' }, { holds: 1 }, 4 * HOUR - 60_000, 'draining', 'deadline near'],
    ['ends at its deadline, calls or not', { state: 'busy' }, { holds: 1 }, 4 * HOUR, 'terminating', 'deadline'],
    [
      'ends at once when forced',
      { state: 'busy' },
      { holds: 1, endRequest: { reason: 'stopped', force: true } },
      9_000,
      'terminating',
      'stopped',
    ],
    ['is lost when it exits', {}, { sighting: present(START, { status: 'EXITED' }) }, 9_000, 'lost', 'pod exited'],
    [
      'is lost when its guard is silent',
      {},
      { guard: { kind: 'silent', since: START } },
      60_000,
      'lost',
      'guard silent',
    ],
    [
      'is lost when it vanishes from two lists',
      { absentSince: START + 100_000 },
      { sighting: absent(START + 110_000) },
      111_000,
      'lost',
      'vanished from the list',
    ],
    ['is not lost to one list', {}, { sighting: absent(START + 110_000) }, 111_000, undefined, undefined],
  ])('%s', (_, row, seen, atMs, state, reason) => {
    const { patch } = follows(row, seen, atMs)
    expect([patch.state, patch.endReason]).toEqual([state, reason])
  })
})

describe('a pod that is told to end', () => {
  const ENDING: Partial<PodRow> = { state: 'terminating', deletedAt: START + 1_000, endReason: 'idle' }

  test('is gone after an answered DELETE and two later lists ten seconds apart, and settled until the DELETE', () => {
    const first = follows(ENDING, { isDeleteAnswered: true, sighting: absent(START + 2_000) }, 2_000)
    expect(first.patch).toEqual({ absentSince: START + 2_000 })
    const soon = follows(
      { ...ENDING, ...first.patch },
      { isDeleteAnswered: true, sighting: absent(START + 11_999) },
      12_000,
    )
    expect(soon.patch).toEqual({})
    const { patch, actions } = follows(
      { ...ENDING, ...first.patch },
      { isDeleteAnswered: true, sighting: absent(START + 12_000) },
      12_000,
    )
    expect(patch.state).toBe('gone')
    expect(actions).toEqual([{ kind: 'settle', microUsd: 192, reason: 'idle' }])
  })

  test('is paid for until its DELETE although a list once lacked it', () => {
    const stopped = { endRequest: { reason: 'stopped', force: true } }
    const { patch, actions } = follows({ state: 'ready', absentSince: START }, stopped, 5_000)
    expect(patch).toMatchObject({ state: 'terminating', deletedAt: null })
    expect(actions).toEqual([{ kind: 'delete', providerId: ID, isFresh: true }])
  })

  test('that had exited costs nothing from then on', () => {
    const exited = { ...ENDING, endReason: 'pod exited', ownEndAt: START + 500, absentSince: START + 2_000 }
    const { actions } = follows(exited, { isDeleteAnswered: true, sighting: absent(START + 12_000) }, 12_000)
    expect(actions).toEqual([{ kind: 'settle', microUsd: 96, reason: 'pod exited' }])
  })

  test.each([
    ['a list that may lag behind the DELETE leaves its end as it was', 5_000, false],
    ['a list that is late enough dates its end anew', 30_000, true],
  ])('is told again while it is seen: %s', (_what, ms, isFresh) => {
    const { patch, actions } = follows(
      { ...ENDING, absentSince: START + 2_000 },
      { isDeleteAnswered: true, sighting: present(START + ms) },
      ms,
    )
    expect(patch).toEqual({ absentSince: null })
    expect(actions).toEqual([{ kind: 'delete', providerId: ID, isFresh }])
  })

  test('is never gone by lists that began before the DELETE', () => {
    expect(
      follows({ ...ENDING, absentSince: START }, { isDeleteAnswered: true, sighting: absent(START + 900) }, HOUR).patch,
    ).toEqual({})
  })
})

const STATES: readonly PodState[] = [
  'intent',
  'creating',
  'booting',
  'warming',
  'ready',
  'busy',
  'draining',
  'terminating',
  'gone',
  'rejected',
  'lost',
]
const NEXT: Readonly<Record<PodState, readonly PodState[]>> = {
  intent: ['creating', 'rejected'],
  creating: ['booting', 'warming', 'ready', 'lost', 'terminating'],
  booting: ['warming', 'ready', 'lost', 'terminating'],
  warming: ['ready', 'lost', 'terminating'],
  ready: ['busy', 'draining', 'lost', 'terminating'],
  busy: ['ready', 'draining', 'lost', 'terminating'],
  draining: ['lost', 'terminating'],
  lost: ['terminating'],
  terminating: ['gone'],
  gone: [],
  rejected: [],
}

const offset = fc.integer({ min: 0, max: 5 * HOUR })
const anyTime = fc.option(offset.map((ms) => START + ms))
const anyState = fc.constantFrom(...STATES)
const anyRow: fc.Arbitrary<PodRow> = fc
  .record({
    state: anyState,
    attemptedAt: anyTime,
    runningAt: anyTime,
    readyAt: anyTime,
    lastUseAt: anyTime,
    drainAt: anyTime,
    deletedAt: anyTime,
    absentSince: anyTime,
    endReason: fc.option(fc.constantFrom('idle', 'deadline', 'stopped')),
  })
  .map((parts) => ({
    ...ROW,
    ...parts,
    readyAt: ['creating', 'booting', 'warming'].includes(parts.state) ? null : (parts.readyAt ?? START),
    providerId: parts.state === 'intent' || parts.state === 'rejected' ? null : ID,
  }))
const anySighting: fc.Arbitrary<Sighting> = fc.oneof(
  fc.constant<Sighting>({ kind: 'unknown' }),
  offset.map((ms) => absent(START + ms)),
  fc
    .record({
      ms: offset,
      status: fc.constantFrom<ProviderPodStatus>(
        'PROVISIONING',
        'STARTING',
        'RUNNING',
        'EXITED',
        'ERROR',
        'TERMINATED',
        'UNKNOWN',
      ),
      gpuCount: fc.constantFrom(0, 1),
    })
    .map(({ ms, ...more }) => present(START + ms, more)),
)
const anyGuard: fc.Arbitrary<GuardView> = fc.oneof(
  fc.constant<GuardView>({ kind: 'unasked' }),
  offset.map((ms): GuardView => ({ kind: 'silent', since: START + ms })),
  fc
    .constantFrom<GuardPhase>('starting', 'pulling', 'loading', 'probing', 'ready', 'failed', 'ending')
    .map((phase) => answered(phase)),
)
const anyObservation: fc.Arbitrary<Observation> = fc.record({
  sighting: anySighting,
  refusal: fc.option(fc.constant('no-capacity')),
  guard: anyGuard,
  life: fc.record({ aliveAt: anyTime, silentAt: anyTime }),
  isDeleteAnswered: fc.boolean(),
  holds: fc.nat(2),
  unwantedSince: anyTime,
  keepUntil: offset.map((ms) => START + ms),
  makeRoom: fc.boolean(),
  endRequest: fc.option(fc.record({ reason: fc.constant('stopped'), force: fc.boolean() })),
  maxMicroUsdPerHour: fc.constantFrom(microUsd(800_000), microUsd(1)),
})

test('whatever is seen, a row moves along the drawn arrows only; ends are proved, their first reason stays, and deadlines never move', () => {
  fc.assert(
    fc.property(anyRow, anyObservation, offset, (row, seen, atMs) => {
      const now = START + atMs
      const { patch, actions } = step(row, seen, now, FLEET_TIMINGS)
      if (patch.state !== undefined && patch.state !== row.state) expect(NEXT[row.state]).toContain(patch.state)
      if (row.endReason !== null && patch.endReason !== undefined) expect(patch.endReason).toBe(row.endReason)
      expect(Object.keys(patch)).not.toContain('deadlineAt')
      expect(Object.keys(patch)).not.toContain('intentAt')
      const isLive = !['intent', 'terminating', 'gone', 'rejected'].includes(row.state)
      if (isLive && now >= row.deadlineAt) expect(['terminating', 'lost']).toContain(patch.state)
      if (patch.state === 'gone') {
        expect(seen.isDeleteAnswered && row.deletedAt !== null && row.absentSince !== null).toBe(true)
        expect(
          seen.sighting.kind === 'unknown' ? Number.NaN : seen.sighting.startedAt - (row.absentSince ?? 0),
        ).toBeGreaterThanOrEqual(10_000)
      }
      if (row.state === 'gone' || row.state === 'rejected') expect([patch, actions]).toEqual([{}, []])
    }),
    { numRuns: 2_000 },
  )
})

test('from every state, whatever the guard does, a pod reaches its end once lists and DELETEs are answered', () => {
  fc.assert(
    fc.property(
      anyRow,
      fc.array(anyGuard, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (first, guards, isVisible) => {
        let row: PodRow = {
          ...first,
          attemptedAt: first.attemptedAt ?? START,
          drainAt: null,
          deletedAt: null,
          absentSince: null,
        }
        let now = START
        let deleted: PodId | null = null
        // Past the deadline plus the longest proof, with a list every minute: four hours and a little.
        for (let turn = 0; turn < 6 * 60 && row.state !== 'gone' && row.state !== 'rejected'; turn += 1) {
          now += 60_000
          const isThere = isVisible && deleted === null
          const sighting = isThere ? present(now - 1) : absent(now - 1)
          const guard = guards[turn % guards.length] ?? { kind: 'unasked' }
          const seen = { ...CALM, sighting, guard, isDeleteAnswered: deleted !== null, holds: turn % 2 }
          const { patch, actions } = step(row, seen, now, FLEET_TIMINGS)
          row = { ...row, ...patch }
          for (const action of actions) {
            if (action.kind !== 'delete') continue
            deleted = action.providerId
            if (action.isFresh) row = { ...row, deletedAt: now }
          }
        }
        expect(['gone', 'rejected']).toContain(row.state)
      },
    ),
    { numRuns: 500 },
  )
})
