import { expect, test } from 'vitest'
import { podName } from '../ports/ids.ts'
import { microUsd } from '../ports/money.ts'
import type { DemandRow, PodRow, SlotHold } from '../ports/store.ts'
import { planDispatch } from './dispatch.ts'

const NOW = 1_000_000
const NAMES = ['a', 'b', 'c'].map((letter) => podName.parse(`devloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzz${letter}-xabc`))

function pod(index: number, model: string, state: PodRow['state'] = 'ready', parallel = 2): PodRow {
  const name = NAMES[index]
  if (name === undefined) throw new RangeError('three names are enough')
  return {
    name,
    slot: index,
    state,
    providerId: null,
    candidate: { gpu: 'A', cloud: 'SECURE', dataCenterIds: [] },
    model,
    load: { contextTokens: 1 },
    parallel,
    microUsdPerHour: microUsd(1),
    reservedMicroUsd: microUsd(1),
    intentAt: 0,
    attemptedAt: 0,
    runningAt: 0,
    readyAt: 0,
    lastUseAt: 0,
    drainAt: null,
    terminateAt: null,
    deletedAt: null,
    absentSince: null,
    ownEndAt: null,
    goneAt: null,
    deadlineAt: 9e9,
    endReason: null,
    modelDigest: null,
  }
}

function wish(jobId: string, model: string, ageMs: number, more: Partial<DemandRow> = {}): DemandRow {
  return {
    jobId,
    repository: null,
    user: null,
    model,
    load: { contextTokens: 1 },
    slotsWanted: 1,
    createdAt: NOW - ageMs,
    expiresAt: NOW + 1,
    maxCostMicroUsd: microUsd(1),
    note: null,
    refused: null,
    ...more,
  }
}

function plan(
  pods: readonly PodRow[],
  demands: readonly DemandRow[],
  holds: readonly (SlotHold & { count: number })[] = [],
  maxPods = 1,
) {
  const { grants, makeRoom, rent } = planDispatch({
    pods,
    demands,
    holds,
    now: NOW,
    fifoAfterMs: 300_000,
    perRepositoryJobs: 1,
    maxPods,
  })
  return {
    grants: [...grants].map(([job, { slots }]) => `${job}:${slots}`),
    room: makeRoom.size,
    rent: rent.map(({ model }) => model),
  }
}

function hold(index: number, repository: string | null, count = 1): SlotHold & { count: number } {
  return { podName: pod(index, 'm').name, jobId: `held-${index}`, repository, heldAt: NOW, expiresAt: NOW + 1, count }
}

test('the oldest jobs get the slots; who asks for more gets what is free', () => {
  expect(plan([pod(0, 'm')], [wish('young', 'm', 1), wish('old', 'm', 9, { slotsWanted: 5 })]).grants).toEqual([
    'old:2',
  ])
  expect(plan([pod(0, 'm')], [wish('a', 'm', 9), wish('b', 'm', 8), wish('c', 'm', 7)]).grants).toEqual(['a:1', 'b:1'])
  expect(plan([pod(0, 'm')], [wish('a', 'm', 9)], [hold(0, null, 2)]).grants).toEqual([])
})

test('the same model goes first, until a job for another has waited five minutes', () => {
  const waiting = (ageMs: number) =>
    plan([pod(0, 'm', 'busy')], [wish('other', 'n', ageMs), wish('same', 'm', 5)], [hold(0, null)])
  expect(waiting(299_999)).toEqual({ grants: ['same:1'], room: 0, rent: [] })
  expect(waiting(300_000)).toEqual({ grants: [], room: 1, rent: [] })
})

test('an idle pod that nobody wants makes room at once', () => {
  expect(plan([pod(0, 'm')], [wish('other', 'n', 1)])).toEqual({ grants: [], room: 1, rent: [] })
  expect(plan([pod(0, 'm', 'draining')], [wish('other', 'n', 1)])).toEqual({ grants: [], room: 0, rent: [] })
})

test('a repository over its limit waits only while others do', () => {
  const held = [hold(0, 'octo/a')]
  const own = wish('own', 'm', 9, { repository: 'octo/a' })
  const others = wish('others', 'm', 1, { repository: 'octo/b' })
  expect(plan([pod(0, 'm', 'busy')], [own, others], held).grants).toEqual(['others:1'])
  expect(plan([pod(0, 'm', 'busy')], [own], held).grants).toEqual(['own:1'])
})

test('a pod is rented per model that has none, as far as there is room', () => {
  expect(plan([], [wish('a', 'm', 9), wish('b', 'm', 8), wish('c', 'n', 7)]).rent).toEqual(['m'])
  expect(plan([], [wish('a', 'm', 9), wish('c', 'n', 7)], [], 2).rent).toEqual(['m', 'n'])
  expect(plan([pod(0, 'm', 'warming')], [wish('a', 'm', 9)]).rent).toEqual([])
  expect(plan([pod(0, 'm', 'terminating')], [wish('a', 'm', 9)]).rent).toEqual([])
  expect(plan([], [wish('a', 'm', 9)], [], 0).rent).toEqual([])
})

test('refused, expired and start wishes take no slot; a start wish still rents', () => {
  const refused = wish('r', 'm', 9, { refused: { code: 'x', message: 'x', remedy: 'x' } })
  expect(plan([pod(0, 'm')], [refused, wish('e', 'm', 9, { expiresAt: NOW }), wish('start:m', 'm', 9)]).grants).toEqual(
    [],
  )
  expect(plan([], [wish('start:m', 'm', 9)]).rent).toEqual(['m'])
})
