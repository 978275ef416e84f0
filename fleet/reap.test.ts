import { expect, test } from 'vitest'
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

function account(names: readonly string[]) {
  const live = new Map(names.map((name, index) => [`p${index}`, name]))
  const provider: PodProvider = {
    create: () => Promise.reject(new Error('nothing is rented')),
    list: async () =>
      [...live].map(
        ([id, name]): ProviderPod => ({
          id: podId.parse(id),
          name,
          status: 'RUNNING',
          gpuCount: 1,
          gpu: null,
          cloud: null,
          microUsdPerHour: microUsd(1),
          createdAt: NOW - HOUR,
        }),
      ),
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

test('a failed list is an error, never an empty answer', async () => {
  const { provider } = account(ALL)
  const failed = new PodsError({ code: 'unavailable', owner: 'retry', message: 'no list', remedy: 'again' })
  const blind = { ...provider, list: () => Promise.reject(failed) }
  await expect(reap({ provider: blind, clock, log: silentLog }, ORDER, NEVER)).rejects.toBe(failed)
})
