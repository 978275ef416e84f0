import assert from 'node:assert/strict'
import { test } from 'node:test'
import { totalOf } from '../src/orders.ts'

test('the total of no orders is zero', () => {
  assert.equal(totalOf([]), 0)
})
