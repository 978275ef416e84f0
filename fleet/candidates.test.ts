import { expect, test } from 'vitest'
import { microUsd } from '../ports/money.ts'
import type { GpuOffer } from '../ports/pods.ts'
import { type CoolDowns, chooseCandidates } from './candidates.ts'

const POLICY = {
  gpus: ['A', 'B'],
  cloud: ['SECURE', 'COMMUNITY'] as const,
  dataCenterIds: ['US-1'],
  maxMicroUsdPerHour: microUsd(800_000),
}
const offer = (gpu: string, secure: number | null, community: number | null): GpuOffer => ({
  gpu,
  memoryGb: 24,
  secureMicroUsdPerHour: secure === null ? null : microUsd(secure),
  communityMicroUsdPerHour: community === null ? null : microUsd(community),
  stock: null,
})
const OFFERS = [offer('A', 690_000, 340_000), offer('B', 900_000, null)]

const keys = (offers: readonly GpuOffer[] | null, coolDowns: CoolDowns = {}, now = 0) =>
  chooseCandidates(POLICY, offers, coolDowns, now).ready.map(({ candidate, microUsdPerHour }) => [
    candidate.gpu,
    candidate.cloud,
    microUsdPerHour,
  ])

test('GPUs in order, clouds in order; what is too dear or not offered is left out and named', () => {
  expect(keys(OFFERS)).toEqual([
    ['A', 'SECURE', 690_000],
    ['A', 'COMMUNITY', 340_000],
  ])
  expect(chooseCandidates(POLICY, OFFERS, {}, 0).excluded).toEqual([
    'B in SECURE costs $0.90 an hour, above $0.80',
    'B is not offered in COMMUNITY',
  ])
})

test('data centres go with SECURE only', () => {
  expect(chooseCandidates(POLICY, OFFERS, {}, 0).ready.map(({ candidate }) => candidate.dataCenterIds)).toEqual([
    ['US-1'],
    [],
  ])
})

test('without a catalogue the ceiling is the price; with one, an unknown GPU is named', () => {
  expect(keys(null)).toHaveLength(4)
  expect(keys(null)[0]).toEqual(['A', 'SECURE', 800_000])
  expect(chooseCandidates(POLICY, [offer('A', 1, 1)], {}, 0).excluded).toEqual(["B is not in the provider's catalogue"])
})

test('what cools down waits, and the first moment is told', () => {
  const coolDowns: CoolDowns = {
    'A/SECURE': { until: 50, cause: 'no-capacity' },
    'A/COMMUNITY': { until: 90, cause: 'boot-failed' },
  }
  expect(chooseCandidates(POLICY, OFFERS, coolDowns, 49)).toMatchObject({ ready: [], nextAt: 50 })
  expect(keys(OFFERS, coolDowns, 50)).toEqual([['A', 'SECURE', 690_000]])
})
