import { expect, test } from 'vitest'
import { microUsd } from '../money.ts'
import type { LedgerEntry, Store } from '../store.ts'
import { takeReconcileLease } from './pods.contract.ts'
import { DAY_START, NOW, samplePod } from './samples.ts'

export function moneyContract(get: () => Store): void {
  const entry = (n: number, kind: LedgerEntry['kind'], amount: number, at = NOW): LedgerEntry => ({
    podName: samplePod(n).name,
    kind,
    microUsd: microUsd(amount),
    at,
  })

  test('a reserve stands until it is accrued, and the settlement is final', async () => {
    const store = get()
    const { ledger } = store
    const fence = await takeReconcileLease(store)
    const sums = async () => [await ledger.committed(DAY_START), await ledger.spent(DAY_START)]
    await store.pods.insertIntent(samplePod(1), fence, [])
    expect(await sums()).toEqual([500_000, 0])
    await ledger.write(entry(1, 'accrue', 100_000), fence)
    await ledger.write(entry(1, 'accrue', 200_000), fence)
    expect(await sums()).toEqual([500_000, 200_000])
    await ledger.write(entry(1, 'accrue', 600_000), fence)
    expect(await sums()).toEqual([600_000, 600_000])
    await ledger.write(entry(1, 'settle', 650_000), fence)
    await ledger.write(entry(1, 'settle', 9), fence)
    await ledger.write(entry(1, 'accrue', 9), fence)
    expect(await sums()).toEqual([650_000, 650_000])
  })

  test('a bill counts instead of the settlement, which stays readable, and for the same day', async () => {
    const store = get()
    const { ledger } = store
    const fence = await takeReconcileLease(store)
    const nextDay = DAY_START + 86_400_000
    await store.pods.insertIntent(samplePod(1), fence, [])
    await ledger.write(entry(1, 'settle', 650_000), fence)
    await ledger.write(entry(2, 'settle', 100_000, NOW + 1), fence)
    await ledger.write(entry(1, 'bill', 610_000, nextDay), fence)
    await ledger.write(entry(1, 'bill', 640_000, nextDay + 1), fence)
    await ledger.write(entry(1, 'settle', 9, nextDay + 2), fence)
    expect([await ledger.spent(DAY_START, nextDay), await ledger.spent(nextDay)]).toEqual([740_000, 0])
    expect(await ledger.committed(DAY_START)).toBe(740_000)
    expect((await ledger.perDay(DAY_START)).map(({ microUsd: spent }) => spent)).toEqual([740_000])
    const second = { podName: samplePod(2).name, at: NOW + 1, clockMicroUsd: 100_000, billMicroUsd: null }
    const first = { podName: samplePod(1).name, at: NOW, clockMicroUsd: 650_000, billMicroUsd: 640_000 }
    expect(await ledger.settlements(0)).toEqual([first, second])
    expect(await ledger.settlements(NOW + 1)).toEqual([second])
    await expect(ledger.write(entry(1, 'bill', 1), fence + 1)).rejects.toMatchObject({ code: 'fence-lost' })
  })

  test('a pod that is gone reserves nothing', async () => {
    const store = get()
    const fence = await takeReconcileLease(store)
    await store.pods.insertIntent(samplePod(1), fence, [])
    await store.ledger.write(entry(1, 'accrue', 40_000), fence)
    await store.pods.update(samplePod(1).name, fence, { state: 'rejected' })
    expect(await store.ledger.committed(DAY_START)).toBe(40_000)
  })

  test('what was settled before the period does not count; what is reserved does', async () => {
    const store = get()
    const fence = await takeReconcileLease(store)
    const yesterday = DAY_START - 1_000
    await store.pods.insertIntent(samplePod(1, { intentAt: yesterday }), fence, [])
    await store.pods.insertIntent(samplePod(2, { slot: 1, intentAt: yesterday }), fence, [])
    await store.ledger.write(entry(2, 'settle', 70_000, yesterday), fence)
    expect(await store.ledger.committed(DAY_START)).toBe(500_000)
    expect(await store.ledger.spent(0, DAY_START)).toBe(70_000)
    expect(await store.ledger.spent(DAY_START)).toBe(0)
  })

  test('a day shows what was spent and what of it no job used', async () => {
    const store = get()
    const { ledger } = store
    const fence = await takeReconcileLease(store)
    await ledger.write(entry(1, 'settle', 100_000, DAY_START - 1), fence)
    await ledger.write(entry(2, 'settle', 300_000, NOW), fence)
    const cost = { jobId: 'j1', podName: samplePod(2).name, repository: 'acme/shop', gpuMs: 9_000, at: NOW }
    await ledger.chargeJob({ ...cost, microUsd: microUsd(250_000) })
    expect(await ledger.perDay(0)).toEqual([
      { day: '2026-11-20', microUsd: 100_000, idleMicroUsd: 100_000 },
      { day: '2026-11-21', microUsd: 300_000, idleMicroUsd: 50_000 },
    ])
    expect(await ledger.perDay(DAY_START)).toHaveLength(1)
    expect(await ledger.jobCosts(DAY_START)).toEqual([{ ...cost, microUsd: 250_000 }])
    expect(await ledger.jobCosts(NOW + 1)).toEqual([])
    await ledger.chargeJob({ ...cost, microUsd: microUsd(10_000) })
    await ledger.chargeJob({ ...cost, jobId: 'j2', repository: null, microUsd: microUsd(5_000) })
    expect(await ledger.jobTotals(DAY_START)).toEqual([
      { day: '2026-11-21', repository: null, jobs: 1, microUsd: 5_000, gpuMs: 9_000 },
      { day: '2026-11-21', repository: 'acme/shop', jobs: 1, microUsd: 260_000, gpuMs: 18_000 },
    ])
    expect(await ledger.jobTotals(NOW + 1)).toEqual([])
    const yesterday = DAY_START - 86_400_000
    const [today, both] = [
      { day: DAY_START, month: DAY_START },
      { day: DAY_START, month: yesterday },
    ]
    expect(await ledger.totals({ ...both, recent: yesterday })).toEqual({
      dayMicroUsd: 300_000,
      monthMicroUsd: 400_000,
      monthJobs: 2,
      recentMicroUsd: 400_000,
      recentIdleMicroUsd: 135_000,
    })
    expect(await ledger.totals({ ...both, recent: DAY_START })).toMatchObject({
      monthMicroUsd: 400_000,
      recentMicroUsd: 300_000,
      recentIdleMicroUsd: 35_000,
    })
    await ledger.chargeJob({ ...cost, jobId: 'j3', at: yesterday, microUsd: microUsd(1_000) })
    await ledger.chargeJob({ ...cost, jobId: 'j3', microUsd: microUsd(1_000) })
    expect(await ledger.totals({ ...both, recent: DAY_START })).toMatchObject({ monthJobs: 3 })
    expect(await ledger.totals({ ...today, recent: yesterday })).toMatchObject({ monthMicroUsd: 300_000, monthJobs: 2 })
  })
}
