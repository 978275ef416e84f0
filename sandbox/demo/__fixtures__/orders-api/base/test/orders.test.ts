import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findOrder } from '../src/orders.ts'

test('an unknown order is undefined', async () => {
  const database = { query: async () => [] }
  assert.equal(await findOrder(database, 1), undefined)
})
