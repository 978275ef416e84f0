import { afterEach, expect, test } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { microUsd } from '../ports/money.ts'
import type { BillingRange, BillingRecord, PodMarket } from '../ports/pods.ts'
import { podId } from '../ports/ids.ts'
import { RECONCILE_LEASE } from '../ports/store.ts'
import { virtualFleet } from '../sandbox/e2e/chaos/virtual-fleet.ts'
import { checkBilling } from './billing-check.ts'
import { rebuildLedger } from './rebuild-ledger.ts'
import { settleFromBills } from './settle-from-bills.ts'
import { FLEET_TIMINGS } from './timings.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const SIGNAL = new AbortController().signal
let fleet: ReturnType<typeof virtualFleet>
afterEach(() => fleet.stop())

/** A pod that served `minutes` and was settled by the clock; bills are asked for by the test alone. */
async function settledPod(minutes: number) {
  fleet = virtualFleet()
  const lease = await fleet.acquire('job')
  await fleet.clock.advance(minutes * MINUTE)
  await lease.release()
  await fleet.clock.advance(2 * MINUTE)
  const [row] = await fleet.store.pods.listSince(0)
  const fence = (await fleet.store.leases.acquire(RECONCILE_LEASE, 'virtual', MINUTE, fleet.clock.now()))?.fence ?? 0
  const asked: BillingRange[] = []
  const look = async (answer: (range: BillingRange) => readonly BillingRecord[] = () => []) => {
    const market: PodMarket = {
      offers: async () => [],
      balance: async () => null,
      billing: async (range) => {
        asked.push(range)
        return answer(range)
      },
    }
    return settleFromBills({ ...fleet.parts, market }, FLEET_TIMINGS, { fence, signal: SIGNAL })
  }
  const id = row?.providerId ?? podId.parse('none')
  const record = (usd: number, hour = 0, of = id): BillingRecord => ({
    podId: of,
    startTime: hour * HOUR,
    endTime: (hour + 1) * HOUR,
    totalMicroUsd: microUsd(Math.round(usd * 1e6)),
  })
  const settlement = async () => (await fleet.store.ledger.settlements(0))[0]
  return { look, record, settlement, asked, id, fence }
}

test('two readings that agree, far enough apart, settle a pod from its bill; the clock stays beside it', async () => {
  const { look, record, settlement, asked, id } = await settledPod(10)
  const byClock = (await settlement())?.clockMicroUsd ?? 0
  fleet.clock.jump(2 * HOUR)
  expect(await look(() => [record(0.1)])).toBe(0)
  fleet.clock.jump(HOUR)
  expect(await look(() => [record(0.12)])).toBe(0)
  expect(await settlement()).toMatchObject({ clockMicroUsd: byClock, billMicroUsd: null })
  fleet.clock.jump(30 * MINUTE)
  expect(await look(() => [record(0.12)])).toBe(0)
  fleet.clock.jump(30 * MINUTE)
  expect(await look(() => [record(0.12)])).toBe(1)
  expect(await settlement()).toMatchObject({ clockMicroUsd: byClock, billMicroUsd: 120_000 })
  expect(await fleet.store.ledger.spent(0)).toBe(120_000)
  expect(fleet.journal.lines.at(-1)).toMatchObject({ kind: 'bill', microUsd: 120_000 })
  expect(new Set(asked.map((range) => range.podId))).toEqual(new Set([id]))
  // Done is done: it is not asked for again.
  fleet.clock.jump(HOUR)
  expect(await look(() => [record(9)])).toBe(0)
  expect(asked).toHaveLength(3)
})

test('a life that crosses the hour is the sum of its buckets, and pods of others in the answer do not count', async () => {
  const { look, record, asked } = await settledPod(70)
  fleet.clock.jump(2 * HOUR)
  const answer = () => [record(0.5, 12), record(0.3049, 13), record(7, 12, podId.parse('foreign'))]
  await look(answer)
  fleet.clock.jump(HOUR)
  expect(await look(answer)).toBe(1)
  expect(await fleet.store.ledger.spent(0)).toBe(804_900)
  const [range] = asked
  expect([(range?.from ?? 1) % HOUR, (range?.from ?? 0) <= Date.UTC(2026, 10, 21, 12)]).toEqual([0, true])
})

test.each([
  ['before a bill can be there', HOUR],
  ['after it was given up', 80 * HOUR],
])('nothing is asked %s', async (_, laterMs) => {
  const { look, asked } = await settledPod(10)
  fleet.clock.jump(laterMs)
  expect(await look()).toBe(0)
  expect(asked).toEqual([])
})

test('no bill, or one of nothing, leaves the pod settled by the clock', async () => {
  const { look, record, settlement } = await settledPod(10)
  for (let hour = 0; hour < 5; hour += 1) {
    fleet.clock.jump(2 * HOUR)
    expect(await look(() => (hour < 3 ? [] : [record(0)]))).toBe(0)
  }
  expect(await settlement()).toMatchObject({ billMicroUsd: null })
})

test('readings outlive the process, and a ledger that was lost gets bills back from the journal', async () => {
  const { look, record, fence } = await settledPod(10)
  fleet.clock.jump(2 * HOUR)
  await look(() => [record(0.2)])
  expect(await fleet.store.facts.get('fleet/bill-readings')).toMatchObject({})
  fleet.clock.jump(HOUR)
  expect(await look(() => [record(0.2)])).toBe(1)
  const empty = createMemoryStore({ clock: fleet.clock })
  const lease = await empty.leases.acquire(RECONCILE_LEASE, 'me', MINUTE, fleet.clock.now())
  await rebuildLedger({ ...fleet.parts, store: empty }, lease?.fence ?? fence)
  expect(await empty.ledger.spent(0)).toBe(200_000)
  await empty.close()
})

test('the daily comparison holds the bill against the clock, also where the ledger follows the bill already', async () => {
  const { look, record } = await settledPod(10)
  fleet.clock.jump(2 * HOUR)
  const answer = () => [record(0.3, 12)]
  await look(answer)
  fleet.clock.jump(HOUR)
  expect(await look(answer)).toBe(1)
  fleet.clock.jump(2 * HOUR)
  const market: PodMarket = { offers: async () => [], balance: async () => null, billing: async () => answer() }
  const difference = await checkBilling({ ...fleet.parts, market }, SIGNAL)
  expect(difference).toMatchObject({ billedMicroUsd: 300_000, isAlarming: true, unknownPods: [] })
  expect(difference?.ledgerMicroUsd).toBeLessThan(150_000)
})
