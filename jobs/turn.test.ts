import { expect, test } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { takeTurn } from './turn.ts'

const { facts } = createMemoryStore({ clock: createFakeClock() })

test('only who began last on something may write; what somebody else works on does not matter', async () => {
  const first = await takeTurn(facts, 'turn:acme/shop#1', 'a')
  const other = await takeTurn(facts, 'turn:acme/shop#2', 'c')
  expect(await first()).toBe(true)
  const second = await takeTurn(facts, 'turn:acme/shop#1', 'b')
  expect([await first(), await second(), await other()]).toEqual([false, true, true])
})

test('where the note is gone, nobody has begun since', async () => {
  const turn = await takeTurn(facts, 'turn:acme/shop#3', 'a')
  await facts.delete('turn:acme/shop#3')
  expect(await turn()).toBe(true)
})
