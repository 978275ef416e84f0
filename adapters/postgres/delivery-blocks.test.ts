import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { NOW, sampleDelivery, sampleDeliveryId } from '../../ports/contracts/samples.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { silentLog } from '../../ports/log.ts'
import type { DeliveryStore } from '../../ports/store.ts'
import { createDeliveryTable } from './delivery-table.ts'
import { openPglite } from './open-pglite.ts'
import type { Database } from './sql.ts'

let directory: string
let database: Database
let deliveries: DeliveryStore

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-blocks-'))
  database = (await openPglite(directory, { clock: createFakeClock(), log: silentLog })).database
})
beforeEach(async () => {
  await database.script('DELETE FROM devloop.delivery; DELETE FROM devloop.delivery_block')
  deliveries = createDeliveryTable(database)
})
afterAll(async () => {
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

const count = async () => (await database.query<{ id: number }>('SELECT id FROM devloop.delivery_block')).length
const large = (n: number) => sampleDelivery(n, { payload: JSON.stringify({ n, text: 'x'.repeat(2_500_000) }) })

test('a batch is one block, and one that is large is several', async () => {
  await deliveries.addAll([1, 2, 3].map((n) => sampleDelivery(n)))
  expect(await count()).toBe(1)
  await deliveries.addAll([4, 5, 6].map(large))
  expect(await count()).toBe(4)
  expect(await deliveries.find(sampleDeliveryId(5))).toEqual(large(5))
})

test('a block stays until the last of its deliveries may go', async () => {
  await deliveries.addAll([1, 2].map((n) => sampleDelivery(n)))
  await deliveries.addAll([3, 9].map((n) => sampleDelivery(n)))
  await deliveries.markDone([1, 3].map(sampleDeliveryId), 'handled', NOW)
  expect(await deliveries.prune(NOW + 5)).toBe(2)
  expect(await count()).toBe(2)
  expect(await deliveries.find(sampleDeliveryId(2))).toEqual(sampleDelivery(2))
  expect(await deliveries.find(sampleDeliveryId(9))).toEqual(sampleDelivery(9))
  await deliveries.markDone([2, 9].map(sampleDeliveryId), 'handled', NOW)
  expect(await deliveries.prune(NOW + 5)).toBe(1)
  expect(await count()).toBe(1)
  await deliveries.prune(NOW + 10)
  expect(await count()).toBe(0)
})

test('what the version before left in the row itself is read as well', async () => {
  const { id, event, receivedAt, payload } = sampleDelivery(1)
  await database.query('INSERT INTO devloop.delivery (id, event, received_at, payload) VALUES ($1, $2, $3, $4)', [
    id,
    event,
    receivedAt,
    payload,
  ])
  expect(await deliveries.find(id)).toEqual(sampleDelivery(1))
})

test('the version before, which reads rows alone, is refused here', async () => {
  const [row] = await database.query('SELECT max(readable_by) AS by FROM devloop.migration')
  expect(row).toEqual({ by: 4 })
})
