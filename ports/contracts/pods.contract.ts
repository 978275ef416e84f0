import { describe, expect, test } from 'vitest'
import { podId } from '../ids.ts'
import { microUsd } from '../money.ts'
import { type DemandRow, RECONCILE_LEASE, type SlotHold, type Store } from '../store.ts'
import { dayCap, NOW, samplePod } from './samples.ts'

export async function takeReconcileLease(store: Store, holder = 'me'): Promise<number> {
  const lease = await store.leases.acquire(RECONCILE_LEASE, holder, 60_000, Date.now())
  if (lease === undefined) throw new Error('the lease is held')
  return lease.fence
}

export function podsContract(get: () => Store): void {
  describe('a lease', () => {
    test('has one holder until it expires or is given back', async () => {
      const { leases } = get()
      expect(await leases.acquire('sweep', 'a', 100, NOW)).toMatchObject({ fence: 1, expiresAt: NOW + 100 })
      expect(await leases.acquire('sweep', 'b', 100, NOW + 99)).toBeUndefined()
      expect(await leases.acquire('sweep', 'b', 100, NOW + 100)).toMatchObject({ holder: 'b', fence: 2 })
      await leases.release('sweep', 'a')
      expect(await leases.acquire('sweep', 'a', 100, NOW + 110)).toBeUndefined()
      await leases.release('sweep', 'b')
      expect(await leases.acquire('sweep', 'a', 100, NOW + 110)).toMatchObject({ fence: 3 })
    })

    test('that a clock wrote which has been set back since is free', async () => {
      const { leases } = get()
      await leases.acquire('sweep', 'ahead', 100, NOW + 60_000)
      expect(await leases.acquire('sweep', 'a', 100, NOW)).toMatchObject({
        holder: 'a',
        fence: 2,
        expiresAt: NOW + 100,
      })
    })

    test('keeps its fence when its holder renews it in time', async () => {
      const { leases } = get()
      await leases.acquire('sweep', 'a', 100, NOW)
      expect(await leases.acquire('sweep', 'a', 100, NOW + 50)).toMatchObject({ fence: 1, expiresAt: NOW + 150 })
      expect(await leases.acquire('sweep', 'a', 100, NOW + 500)).toMatchObject({ fence: 2 })
    })

    test('goes to one of many who want it at once', async () => {
      const { leases } = get()
      const wishes = ['a', 'b', 'c', 'd', 'e'].map((holder) => leases.acquire('sweep', holder, 1_000, NOW))
      expect((await Promise.all(wishes)).filter((lease) => lease !== undefined)).toHaveLength(1)
    })
  })

  describe('a pod row', () => {
    test('comes back as it was written', async () => {
      const store = get()
      const fence = await takeReconcileLease(store)
      const row = samplePod(1)
      await store.pods.insertIntent(row, fence, [])
      expect(await store.pods.find(row.name)).toEqual(row)
      await store.pods.update(row.name, fence, { state: 'booting', providerId: podId.parse('p1'), runningAt: NOW + 9 })
      expect(await store.pods.find(row.name)).toEqual({
        ...row,
        state: 'booting',
        providerId: 'p1',
        runningAt: NOW + 9,
      })
      expect(await store.pods.find('devloop-none')).toBeUndefined()
    })

    test('has a slot to itself while it is not gone', async () => {
      const store = get()
      const fence = await takeReconcileLease(store)
      await store.pods.insertIntent(samplePod(1), fence, [])
      await expect(store.pods.insertIntent(samplePod(2), fence, [])).rejects.toMatchObject({ code: 'conflict' })
      await store.pods.insertIntent(samplePod(3, { slot: 1 }), fence, [])
      await store.pods.update(samplePod(1).name, fence, { state: 'lost' })
      await expect(store.pods.insertIntent(samplePod(4), fence, [])).rejects.toMatchObject({ code: 'conflict' })
      await store.pods.update(samplePod(1).name, fence, { state: 'gone', goneAt: NOW })
      await store.pods.insertIntent(samplePod(5), fence, [])
      expect((await store.pods.listLive()).map((row) => row.name)).toEqual([samplePod(5).name, samplePod(3).name])
      expect((await store.pods.listSince(NOW + 3)).map((row) => row.slot)).toEqual([1, 0])
    })

    test('is written by the newest holder of the lease only', async () => {
      const store = get()
      const old = await takeReconcileLease(store, 'old')
      await store.pods.insertIntent(samplePod(1), old, [])
      await store.leases.release(RECONCILE_LEASE, 'old')
      await takeReconcileLease(store, 'new')
      await expect(store.pods.update(samplePod(1).name, old, { state: 'creating' })).rejects.toMatchObject({
        code: 'fence-lost',
      })
      await expect(store.pods.insertIntent(samplePod(2, { slot: 1 }), old, [])).rejects.toMatchObject({
        code: 'fence-lost',
      })
      const entry = { podName: samplePod(1).name, kind: 'accrue', microUsd: microUsd(1), at: NOW } as const
      await expect(store.ledger.write(entry, old)).rejects.toMatchObject({ code: 'fence-lost' })
      expect((await store.pods.find(samplePod(1).name))?.state).toBe('intent')
    })

    test('that is not there cannot be written', async () => {
      const store = get()
      const fence = await takeReconcileLease(store)
      await expect(store.pods.update(samplePod(1).name, fence, {})).rejects.toMatchObject({ code: 'not-found' })
    })

    test('is refused when its reserve would pass a cap, and leaves nothing behind', async () => {
      const store = get()
      const fence = await takeReconcileLease(store)
      await store.pods.insertIntent(samplePod(1), fence, [dayCap(900_000)])
      await expect(store.pods.insertIntent(samplePod(2, { slot: 1 }), fence, [dayCap(900_000)])).rejects.toMatchObject({
        code: 'budget-reached',
        facts: { scope: 'day' },
      })
      expect(await store.pods.listLive()).toHaveLength(1)
      expect(await store.ledger.committed(0)).toBe(500_000)
    })

    test('of two at once only one fits under the cap', async () => {
      const store = get()
      const fence = await takeReconcileLease(store)
      const made = await Promise.allSettled(
        [0, 1, 2].map((slot) => store.pods.insertIntent(samplePod(slot, { slot }), fence, [dayCap(900_000)])),
      )
      expect(made.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
    })
  })

  describe('slots', () => {
    const hold = (jobId: string): SlotHold => ({
      podName: samplePod(1).name,
      jobId,
      repository: 'acme/shop',
      heldAt: Date.now(),
      expiresAt: Date.now() + 60_000,
    })
    const readyPod = async () => {
      const store = get()
      const fence = await takeReconcileLease(store)
      await store.pods.insertIntent(samplePod(1, { state: 'ready' }), fence, [])
      return { ...store, fence }
    }

    test('are taken up to the number that is free', async () => {
      const { slots } = await readyPod()
      expect(await slots.take(hold('j1'), 3, 4)).toBe(3)
      expect(await slots.take(hold('j2'), 3, 4)).toBe(1)
      expect(await slots.take(hold('j3'), 1, 4)).toBe(0)
      expect((await slots.list()).map((held) => [held.jobId, held.count]).toSorted()).toEqual([
        ['j1', 3],
        ['j2', 1],
      ])
      await slots.release('j1')
      expect(await slots.take(hold('j3'), 9, 4)).toBe(3)
    })

    test('are never oversold, however many ask at once', async () => {
      const { slots } = await readyPod()
      const taken = await Promise.all(Array.from({ length: 12 }, (_, n) => slots.take(hold(`j${n}`), 2, 5)))
      expect(taken.reduce((sum, count) => sum + count, 0)).toBe(5)
    })

    test('come free when their holder lets them expire', async () => {
      const { slots } = await readyPod()
      await slots.take({ ...hold('dead'), expiresAt: Date.now() - 1 }, 2, 2)
      expect(await slots.list()).toEqual([])
      expect(await slots.take(hold('j1'), 2, 2)).toBe(2)
      await slots.renew('j1', Date.now() - 1)
      expect(await slots.take(hold('j2'), 1, 2)).toBe(1)
    })

    test('of a pod that is not ready are not given', async () => {
      const { slots, pods, fence } = await readyPod()
      await pods.update(samplePod(1).name, fence, { state: 'draining' })
      expect(await slots.take(hold('j1'), 1, 4)).toBe(0)
      expect(await slots.take({ ...hold('j1'), podName: samplePod(2).name }, 1, 4)).toBe(0)
    })
  })

  test('demand is put, changed, listed in order of age and removed', async () => {
    const { demands } = get()
    const demand = (jobId: string, createdAt: number): DemandRow => ({
      jobId,
      repository: null,
      user: 'ada',
      model: 'm',
      load: { contextTokens: 8_192, numBatch: 512 },
      slotsWanted: 2,
      createdAt,
      expiresAt: NOW + 9,
      maxCostMicroUsd: microUsd(5),
      note: null,
      refused: null,
    })
    await demands.put(demand('b', NOW))
    await demands.put(demand('a', NOW + 1))
    await demands.put(demand('b', NOW))
    const refused = { code: 'budget-reached', message: 'm', remedy: 'r' }
    await demands.patch('a', { note: 'no capacity', refused })
    expect(await demands.list()).toEqual([demand('b', NOW), { ...demand('a', NOW + 1), note: 'no capacity', refused }])
    await demands.remove('b')
    expect((await demands.list()).map((row) => row.jobId)).toEqual(['a'])
  })
}
