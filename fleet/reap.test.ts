import { describe, expect, test } from 'vitest'
import { PodsError } from '../ports/errors.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { podId } from '../ports/ids.ts'
import { silentLog } from '../ports/log.ts'
import { microUsd } from '../ports/money.ts'
import type { PodProvider, ProviderPod } from '../ports/pods.ts'
import type { JournalLine } from '../ports/store.ts'
import { buildPodName } from './pod-name.ts'
import { type ReapOrder, reap } from './reap.ts'

const HOUR = 3_600_000
const clock = createFakeClock()
const NOW = clock.now()
const NEVER = new AbortController().signal
const nameOf = (letter: string, deadlineAt: number, installId = 'abcd1234') =>
  buildPodName({ installId, ulid: `01HZZZZZZZZZZZZZZZZZZZZZZ${letter}`, deadlineAt })
const LATE = nameOf('A', NOW - HOUR)
const HELD = nameOf('B', NOW + HOUR)
const ORPHAN = nameOf('C', NOW + HOUR)
const OTHER = nameOf('D', NOW - HOUR, 'zzzz9999')

const create = (name: typeof LATE, pid: number): JournalLine => ({
  kind: 'create',
  at: NOW,
  podName: name,
  gpu: 'A',
  microUsdPerHour: microUsd(1),
  deadlineAt: NOW,
  holderPid: pid,
})

const ORDER: ReapOrder = {
  installId: 'abcd1234',
  journal: [create(HELD, 10), create(ORPHAN, 11)],
  isAlive: (pid) => pid === 10,
  all: false,
  olderThanMs: null,
  maxReap: 5,
  dryRun: false,
  proveMs: 60_000,
  absenceMs: 10_000,
}

const podOf = (name: string): ProviderPod => ({
  id: podId.parse('p'),
  name,
  status: 'RUNNING',
  gpuCount: 1,
  gpu: null,
  cloud: null,
  microUsdPerHour: microUsd(3_600_000),
  createdAt: NOW - HOUR,
})

function account(names: readonly string[]) {
  const live = new Map(names.map((name, index) => [`p${index}`, name]))
  const provider: PodProvider = {
    create: () => Promise.reject(new Error('nothing is rented')),
    list: async () => [...live].map(([id, name]) => ({ ...podOf(name), id: podId.parse(id) })),
    terminate: async (id) => (live.delete(id) ? 'accepted' : 'absent'),
    addressOf: () => '',
  }
  return { provider, live }
}

async function run(names: readonly string[], more: Partial<ReapOrder> = {}) {
  const { provider, live } = account(names)
  const result = reap({ provider, clock, log: silentLog }, { ...ORDER, ...more }, NEVER)
  let isDone = false
  void result.finally(() => {
    isDone = true
  })
  await clock.runUntil(() => isDone)
  const { ended, kept, left } = await result
  return {
    ended: ended.map(({ name, reason, isProvenGone }) => [name, reason, isProvenGone]),
    kept: kept.map(({ name }) => name),
    left,
    live: [...live.values()],
  }
}

const ALL = ['foreign', OTHER, LATE, HELD, ORPHAN]

test('ends what is past its deadline and what a dead process left, and proves it; keeps the rest', async () => {
  expect(await run(ALL)).toEqual({
    ended: [
      [LATE, 'past its deadline', true],
      [ORPHAN, 'its process 11 is gone', true],
    ],
    kept: [HELD],
    left: 0,
    live: ['foreign', OTHER, HELD],
  })
})

test.each<[string, Partial<ReapOrder>, readonly string[], number]>([
  ['all: also what is held', { all: true }, ['foreign', OTHER], 0],
  ['older than half an hour', { olderThanMs: HOUR / 2 }, ['foreign', OTHER], 0],
  ['at most one', { all: true, maxReap: 1 }, ['foreign', OTHER, HELD, ORPHAN], 2],
  ['a dry run', { all: true, dryRun: true }, ALL, 0],
])('%s', async (_, more, live, left) => {
  expect(await run(ALL, more)).toMatchObject({ live, left })
})

const blindness = new PodsError({ code: 'unavailable', owner: 'retry', message: 'no list', remedy: 'again' })

test('a failed list is an error, never an empty answer', async () => {
  const { provider } = account(ALL)
  const blind = { ...provider, list: () => Promise.reject(blindness) }
  await expect(reap({ provider: blind, clock, log: silentLog }, ORDER, NEVER)).rejects.toBe(blindness)
})

describe('a create whose process died and that no list shows yet', () => {
  const LATE_MS = 90_000
  const RISER = nameOf('E', NOW + HOUR)
  /** An account in which the pod of that create shows up so much later, or never. */
  const later = async (afterMs: number | null, more: Partial<ReapOrder> = {}, failing = 0) => {
    const startedAt = clock.now()
    const { provider } = account([])
    const live = { ids: afterMs === null ? [] : [podId.parse('riser')] }
    let fails = failing
    const lines: JournalLine[] = []
    const waits: number[] = []
    const slow: PodProvider = {
      ...provider,
      list: async () => {
        if (clock.now() > startedAt && fails-- > 0) throw blindness
        const isThere = afterMs !== null && clock.now() - startedAt >= afterMs
        return isThere ? live.ids.map((id) => ({ ...podOf(RISER), id, createdAt: startedAt })) : []
      },
      terminate: async () => {
        live.ids = []
        return 'accepted'
      },
    }
    const parts = {
      provider: slow,
      clock,
      log: silentLog,
      journal: { append: async (line: JournalLine) => void lines.push(line) },
    }
    const line = { ...create(RISER, 11), at: startedAt, microUsdPerHour: microUsd(3_600_000) }
    const order = {
      ...ORDER,
      journal: [line],
      lateMs: LATE_MS,
      onWait: (open: readonly unknown[]) => void waits.push(open.length),
      ...more,
    }
    const reaping = reap(parts, order, NEVER)
    let isDone = false
    reaping.then(
      () => {
        isDone = true
      },
      () => {
        isDone = true
      },
    )
    await clock.runUntil(() => isDone)
    const written = lines.map((entry) => (entry.kind === 'settle' ? [entry.reason, entry.microUsd] : []))
    return {
      result: await reaping,
      tookMs: clock.now() - startedAt,
      written,
      waits: waits.length,
      live: live.ids.length,
    }
  }

  test('is waited for, ended as soon as it shows, and settled at what it cost', async () => {
    const { result, tookMs, written, live } = await later(40_000)
    expect(result.ended.map(({ name, isProvenGone }) => [name, isProvenGone])).toEqual([[RISER, true]])
    expect([tookMs >= 50_000, tookMs < 60_000, live]).toEqual([true, true, 0])
    expect(written).toEqual([['reaped', 40_000]])
  })

  test('is waited for no longer than it can still be on its way', async () => {
    const { result, tookMs, written, waits } = await later(null)
    expect(result).toEqual({ ended: [], kept: [], left: 0 })
    expect(tookMs).toBe(LATE_MS)
    expect(written).toEqual([['never appeared', 0]])
    expect(waits).toBe(90)
  })

  test('is waited for although lists fail in between', async () => {
    expect(await later(40_000, {}, 45)).toMatchObject({ live: 0, written: [['reaped', expect.any(Number)]] })
  })

  test.each<[string, Partial<ReapOrder>]>([
    ['whose process lives', { isAlive: () => true }],
    [
      'that was settled',
      {
        journal: [
          create(RISER, 11),
          { kind: 'settle', at: NOW, podName: RISER, microUsd: microUsd(0), reason: 'idle' },
        ],
      },
    ],
    ['of another installation', { installId: 'zzzz9999' }],
    ['that left long ago', { journal: [{ ...create(RISER, 11), at: NOW - LATE_MS }] }],
    ['in a dry run', { dryRun: true }],
  ])('is not waited for when it is one %s', async (_, more) => {
    expect(await later(null, more)).toMatchObject({ tookMs: 0, waits: 0, written: [] })
  })

  test('is an error when nobody could look to the end', async () => {
    await expect(later(null, {}, Number.POSITIVE_INFINITY)).rejects.toBe(blindness)
  })
})
