import { afterEach, describe, expect, test } from 'vitest'
import { PodsError, type PodsErrorCode } from '../ports/errors.ts'
import { podName } from '../ports/ids.ts'
import { microUsd, microUsdFromUsd } from '../ports/money.ts'
import type { GpuOffer, GuardClient, PodMarket, PodProvider } from '../ports/pods.ts'
import { virtualFleet } from '../sandbox/e2e/chaos/virtual-fleet.ts'
import { giveHint, requestStart, requestStop } from './requests.ts'
import { FLEET_TIMINGS } from './timings.ts'

type Fleet = ReturnType<typeof virtualFleet>
const MINUTE = 60_000
const usd = microUsdFromUsd

let fleet: Fleet
afterEach(() => fleet.stop())

/** A provider that refuses every create. */
function refusing(code: PodsErrorCode, status: number): PodProvider {
  return {
    create: () =>
      Promise.reject(
        new PodsError({
          code,
          owner: 'operator',
          message: `RunPod answered ${status}.`,
          remedy: 'Act.',
          facts: { status },
        }),
      ),
    list: async () => [],
    terminate: async () => 'absent',
    addressOf: () => '',
  }
}

function market(offers: readonly GpuOffer[]): PodMarket {
  return { offers: async () => offers, billing: async () => [], balance: async () => null }
}

const offer = (gpu: string, price: number): GpuOffer => ({
  gpu,
  memoryGb: 24,
  secureMicroUsdPerHour: usd(price),
  communityMicroUsdPerHour: usd(price),
  stock: 'HIGH',
})

/** A guard that says one thing of its model, for good. */
const failing = (error: string): GuardClient => ({
  status: async () => ({
    phase: 'failed',
    model: 'm',
    modelDigest: null,
    progress: null,
    inFlight: 0,
    lastUseAt: null,
    deadlineAt: 0,
    error,
  }),
  heartbeat: async () => {},
})

describe('what can never be served is told in one sentence, and nothing stays rented', () => {
  test.each<[string, Parameters<typeof virtualFleet>[0], string, string]>([
    ['a wrong key', { parts: { provider: refusing('unauthorized', 401) } }, 'unauthorized', 'RunPod answered 401.'],
    ['no balance', { parts: { provider: refusing('no-balance', 402) } }, 'no-balance', 'RunPod answered 402.'],
    [
      'a body that is wrong',
      { parts: { provider: refusing('rule-broken', 422) } },
      'rule-broken',
      'RunPod answered 422.',
    ],
    [
      'a rule broken everywhere',
      { parts: { provider: refusing('rule-broken', 400) } },
      'rule-broken',
      'the request itself is wrong',
    ],
    [
      'an unknown GPU',
      { parts: { market: market([offer('NVIDIA A40', 0.4)]) } },
      'rule-broken',
      'is not in the provider',
    ],
    [
      'a price above the ceiling',
      { parts: { market: market([offer('NVIDIA GeForce RTX 4090', 0.9)]) } },
      'rule-broken',
      'above $0.80',
    ],
    [
      'an image without a guard',
      {
        policy: {
          pod: { image: 'ollama/ollama:0.34.0', diskGb: 1, httpPort: 1, networkVolume: null, minCudaVersion: '12.4' },
        },
      },
      'rule-broken',
      'has no guard',
    ],
    ['a day without budget', { policy: { perDayMicroUsd: usd(0) } }, 'budget-reached', 'day budget of $0.00'],
    [
      'an unknown tag',
      { parts: { guard: failing('Pulling m failed: pull model manifest: file does not exist') } },
      'model-missing',
      'cannot be pulled',
    ],
    [
      'a model that is too large',
      { parts: { guard: failing('m does not fit into video memory: 1 of 2 bytes') } },
      'refused-input',
      'does not fit',
    ],
    [
      'pods that never come up',
      { faults: { zeroGpu: 1 }, policy: { timings: { ...FLEET_TIMINGS, bootCoolDownMs: 1_000 } } },
      'not-ready',
      '3 pods in a row did not come up',
    ],
  ])('%s', async (_, change, code, words) => {
    fleet = virtualFleet(change)
    await expect(fleet.acquire('job')).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
    expect(await fleet.store.demands.list()).toEqual([])
    await fleet.clock.advance(3 * MINUTE)
    expect(fleet.runpod.live()).toEqual([])
    expect(await fleet.store.pods.listLive()).toEqual([])
  })

  test.each([
    ['nothing may be spent', 0, 'may cost nothing'],
    ['less than a boot costs', 0.01, 'Renting costs at least'],
  ])('%s', async (_, maxCost, words) => {
    fleet = virtualFleet()
    await expect(fleet.acquire('job', { maxCostMicroUsd: usd(maxCost) })).rejects.toMatchObject({
      code: 'budget-reached',
      message: expect.stringContaining(words),
    })
    expect(fleet.runpod.creates).toBe(0)
  })
})

test('a stock image is rented when the operator insists', async () => {
  const pod = { image: 'ollama/ollama:0.34.0', diskGb: 1, httpPort: 1, networkVolume: null, minCudaVersion: '12.4' }
  fleet = virtualFleet({ policy: { pod, allowUnguarded: true } })
  await (await fleet.acquire('job')).release()
  expect(fleet.runpod.creates).toBe(1)
})

test('jobs share the warm pod, and a job that finds it ready has its slot without any time passing', async () => {
  fleet = virtualFleet({ policy: { idle: { kind: 'fixed', maxMs: 5 * MINUTE, spendTarget: 1 } } })
  const first = await fleet.acquire('job-1')
  const before = fleet.clock.now()
  const second = await fleet.acquire('job-2')
  expect(fleet.clock.now() - before).toBe(0)
  expect([second.podName, second.slots, fleet.runpod.creates]).toEqual([first.podName, 1, 1])
  let isThirdIn = false
  void fleet.engines
    .acquire({ ...DEMAND, jobId: 'job-3', deadlineAt: fleet.clock.now() + MINUTE }, new AbortController().signal)
    .then(() => {
      isThirdIn = true
    })
  await fleet.clock.advance(5_000)
  expect(isThirdIn).toBe(false)
  await first.release()
  await fleet.clock.advance(0)
  expect(isThirdIn).toBe(true)
})

const DEMAND = {
  jobId: 'job',
  repository: null,
  user: null,
  model: 'qwen3-coder:30b',
  load: { contextTokens: 16_384 },
  slotsWanted: 1,
  deadlineAt: 0,
  maxCostMicroUsd: usd(1),
}

test('a lease is lost when its pod dies, and the next try gets another pod', async () => {
  fleet = virtualFleet({ faults: { diesPerMinute: 1 } })
  const lease = await untilServed('job')
  await fleet.clock.runUntil(() => lease.lost.aborted)
  expect(lease.lost.reason).toMatchObject({ code: 'not-found', owner: 'retry' })
  await lease.release()
  const again = await untilServed('job')
  expect(again.podName).not.toBe(lease.podName)
})

async function untilServed(jobId: string) {
  for (;;) {
    const lease = await fleet.acquire(jobId, { deadlineAt: fleet.clock.now() + 60 * MINUTE }).catch(() => undefined)
    if (lease !== undefined) return lease
  }
}

test('a job is stopped when it has cost what it may, and pays its share only', async () => {
  fleet = virtualFleet()
  const lease = await fleet.acquire('job', { maxCostMicroUsd: usd(0.05) })
  const startedAt = fleet.clock.now()
  await fleet.clock.runUntil(() => lease.lost.aborted)
  expect(lease.lost.reason).toMatchObject({ code: 'budget-reached' })
  expect((fleet.clock.now() - startedAt) / MINUTE).toBeCloseTo(3.9, 0)
  await lease.release()
  const [cost] = await fleet.store.ledger.jobCosts(0)
  expect(cost?.microUsd).toBeGreaterThanOrEqual(50_000)
  expect(cost?.microUsd).toBeLessThan(51_000)
})

test('an idle pod is kept as the policy says, and then proven gone and settled', async () => {
  fleet = virtualFleet({ policy: { idle: { kind: 'fixed', maxMs: 2 * MINUTE, spendTarget: 1 } } })
  await (await fleet.acquire('job')).release()
  await fleet.clock.advance(2 * MINUTE - 5_000)
  expect(fleet.runpod.live()).toHaveLength(1)
  await fleet.clock.advance(10_000)
  expect(fleet.runpod.live()).toHaveLength(0)
  await fleet.clock.advance(MINUTE)
  expect(await fleet.store.pods.listLive()).toEqual([])
  expect(Math.abs((await fleet.store.ledger.spent(0)) - fleet.runpod.billed())).toBeLessThan(
    0.01 * fleet.runpod.billed(),
  )
})

test('the sweep ends what nobody holds, touches nothing foreign, and acts on no single list', async () => {
  fleet = virtualFleet()
  const stray = podName.parse('devloop-virtual0-01hzzzzzzzzzzzzzzzzzzzzzzz-xzzzzzz')
  const candidate = { gpu: 'NVIDIA GeForce RTX 4090', cloud: 'SECURE' as const, dataCenterIds: [] }
  const spec = { ...fleet.policy.pod, name: stray, candidate, env: { GUARD_DEADLINE: String(4e12) } }
  const other = { ...spec, name: podName.parse('devloop-other000-01hzzzzzzzzzzzzzzzzzzzzzzz-xzzzzzz') }
  const made = Promise.all([spec, other].map((wanted) => fleet.runpod.create(wanted, new AbortController().signal)))
  await fleet.clock.advance(2_000)
  await made
  await fleet.clock.advance(55_000)
  expect(fleet.runpod.live()).toHaveLength(2)
  await fleet.clock.advance(2 * MINUTE)
  expect(fleet.runpod.live().map((pod) => pod.spec.name)).toEqual([other.name])
})

test('a drain lets calls end; a forced stop does not, and nothing is rented until the next start', async () => {
  fleet = virtualFleet({ policy: { idle: { kind: 'fixed', maxMs: 5 * MINUTE, spendTarget: 1 } } })
  const lease = await fleet.acquire('job-1')
  await requestStop(fleet.parts, { force: false, reason: 'stopped by hand' })
  await fleet.clock.advance(MINUTE)
  expect([lease.lost.aborted, fleet.runpod.live().length]).toEqual([false, 1])
  await lease.release()
  await fleet.clock.advance(MINUTE)
  expect(fleet.runpod.live()).toHaveLength(0)

  const second = await fleet.acquire('job-2')
  await requestStop(fleet.parts, { force: true, reason: 'shut down' })
  await fleet.clock.advance(10_000)
  expect([second.lost.aborted, fleet.runpod.live().length]).toEqual([true, 0])
  await second.release()
  await expect(fleet.acquire('job-3')).rejects.toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('shut down'),
  })

  await requestStart(fleet.parts, { model: 'qwen3-coder:30b', load: { contextTokens: 16_384 }, keepMs: 10 * MINUTE })
  await fleet.clock.advance(5 * MINUTE)
  expect((await fleet.store.pods.listLive()).map((row) => row.state)).toEqual(['ready'])
})

test('pods that never serve stop the renting for a while', async () => {
  fleet = virtualFleet({
    faults: { zeroGpu: 1 },
    policy: { maxBoots: 99, timings: { ...FLEET_TIMINGS, bootCoolDownMs: 1_000 } },
  })
  await expect(fleet.acquire('job')).rejects.toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('6 pods never served within an hour'),
  })
  expect(fleet.runpod.creates).toBe(6)
})

test('a hint is taken in and runs out', async () => {
  fleet = virtualFleet({ policy: { idle: { kind: 'adaptive', maxMs: 10 * MINUTE, spendTarget: 0.1 } } })
  const lease = await fleet.acquire('job')
  await giveHint(fleet.parts, { kind: 'review-posted', subject: 'octo/a#1', until: fleet.clock.now() + MINUTE })
  await lease.release()
  await fleet.clock.advance(5 * MINUTE)
  expect(await fleet.store.pods.listLive()).toEqual([])
  const spent = await fleet.store.ledger.spent(0)
  const used = (await fleet.store.ledger.jobCosts(0)).reduce((sum, cost) => sum + cost.microUsd, 0)
  expect(spent - used).toBeLessThan(0.12 * spent + microUsd(2_000))
})

test('a pod whose only job was cancelled while it was being rented is given back', async () => {
  fleet = virtualFleet()
  const cancel = new AbortController()
  const failed = fleet.engines
    .acquire({ ...DEMAND, deadlineAt: fleet.clock.now() + MINUTE }, cancel.signal)
    .catch(() => 'cancelled')
  await fleet.clock.runUntil(() => fleet.journal.lines.length === 1)
  cancel.abort(new Error('never mind'))
  expect(await failed).toBe('cancelled')
  await fleet.clock.advance(2 * MINUTE)
  expect([fleet.runpod.creates, fleet.runpod.live().length]).toEqual([1, 0])
  expect(await fleet.store.pods.listLive()).toEqual([])
})
