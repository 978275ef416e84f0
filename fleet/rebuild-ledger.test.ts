import { afterEach, expect, test } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { podId } from '../ports/ids.ts'
import { type Log, silentLog } from '../ports/log.ts'
import { microUsdFromUsd } from '../ports/money.ts'
import type { PodMarket } from '../ports/pods.ts'
import { RECONCILE_LEASE } from '../ports/store.ts'
import { virtualFleet } from '../sandbox/e2e/chaos/virtual-fleet.ts'
import { checkBilling } from './billing-check.ts'
import { rebuildLedger } from './rebuild-ledger.ts'

const MINUTE = 60_000
let fleet: ReturnType<typeof virtualFleet>
afterEach(() => fleet.stop())

async function runOneJob(): Promise<void> {
  fleet = virtualFleet()
  const lease = await fleet.acquire('job')
  await fleet.clock.advance(10 * MINUTE)
  await lease.release()
  await fleet.clock.advance(MINUTE)
}

test('a store that lost everything gets its spending back from the journal, once', async () => {
  await runOneJob()
  const spent = await fleet.store.ledger.spent(0)
  const empty = createMemoryStore({ clock: fleet.clock })
  const lease = await empty.leases.acquire(RECONCILE_LEASE, 'me', MINUTE, fleet.clock.now())
  const parts = { ...fleet.parts, store: empty }
  expect(await rebuildLedger(parts, lease?.fence ?? 0)).toBe(1)
  expect(await rebuildLedger(parts, lease?.fence ?? 0)).toBe(1)
  expect([spent > 0, await empty.ledger.spent(0)]).toEqual([true, spent])
})

test('a store that lost nothing is left alone', async () => {
  await runOneJob()
  expect(await rebuildLedger(fleet.parts, 1)).toBe(0)
})

test.each([
  ['agrees', 1, false],
  ['is a tenth higher', 1.1, true],
])('a bill that %s', async (_, factor, isAlarming) => {
  await runOneJob()
  await fleet.clock.advance(5 * 60 * MINUTE)
  const [pod] = await fleet.store.pods.listSince(0)
  const billed = ((await fleet.store.ledger.spent(0)) / 1e6) * factor
  const market: PodMarket = {
    offers: async () => [],
    balance: async () => null,
    billing: async () => [
      {
        podId: pod?.providerId ?? podId.parse('none'),
        startTime: 0,
        endTime: 1,
        totalMicroUsd: microUsdFromUsd(billed),
      },
    ],
  }
  const alarms: string[] = []
  const log: Log = { ...silentLog, error: (_facts, sentence) => void alarms.push(sentence) }
  const parts = { ...fleet.parts, market, log }
  const signal = new AbortController().signal
  expect(await checkBilling(parts, signal)).toMatchObject({ isAlarming })
  expect(alarms).toHaveLength(isAlarming ? 1 : 0)
  expect(await checkBilling(parts, signal)).toBeUndefined()
})
