import { commitSha, type DeliveryId, deliveryId, type JobId, jobId, podName, repositoryName } from '../ids.ts'
import { microUsd } from '../money.ts'
import type { BudgetCap, NewJob, PodRow, StoredDelivery } from '../store.ts'

export const NOW = Date.UTC(2026, 10, 21, 12)
export const DAY_START = Date.UTC(2026, 10, 21)
export const REPOSITORY = repositoryName.parse('acme/shop')
export const HEAD_SHA = commitSha.parse('a'.repeat(40))

/** Ids that sort by `n`. */
export function sampleJobId(n: number): JobId {
  return jobId.parse(`01JD${String(n).padStart(22, '0')}`)
}

export function sampleJob(n: number, over: Partial<NewJob> = {}): NewJob {
  return {
    id: sampleJobId(n),
    kind: 'review',
    key: `acme/shop#${n}`,
    repository: REPOSITORY,
    installationId: 7,
    pullRequest: n,
    headSha: HEAD_SHA,
    requestedBy: 'ada',
    request: { focus: 'tests', models: ['a', 'b'], nested: { deep: null } },
    createdAt: NOW + n,
    deadlineAt: NOW + 3_600_000,
    ...over,
  }
}

export function samplePod(n: number, over: Partial<PodRow> = {}): PodRow {
  return {
    name: podName.parse(`devloop-abcd1234-01jd${String(n).padStart(22, '0')}-xabc`),
    slot: 0,
    state: 'intent',
    providerId: null,
    candidate: { gpu: 'NVIDIA GeForce RTX 4090', cloud: 'SECURE', dataCenterIds: ['EU-RO-1'] },
    model: 'qwen3-coder:30b',
    load: { contextTokens: 16_384 },
    parallel: 2,
    microUsdPerHour: microUsd(690_000),
    reservedMicroUsd: microUsd(500_000),
    intentAt: NOW + n,
    attemptedAt: null,
    runningAt: null,
    readyAt: null,
    lastUseAt: null,
    drainAt: null,
    terminateAt: null,
    deletedAt: null,
    absentSince: null,
    ownEndAt: null,
    goneAt: null,
    deadlineAt: NOW + 14_400_000,
    endReason: null,
    modelDigest: null,
    ...over,
  }
}

export function sampleDelivery(n: number, over: Partial<StoredDelivery> = {}): StoredDelivery {
  return { id: sampleDeliveryId(n), event: 'pull_request', receivedAt: NOW + n, payload: `{"n":${n}}`, ...over }
}

export function sampleDeliveryId(n: number): DeliveryId {
  return deliveryId.parse(`d-${n}`)
}

export function dayCap(capMicroUsd: number): BudgetCap {
  return { scope: 'day', capMicroUsd: microUsd(capMicroUsd), since: DAY_START }
}
