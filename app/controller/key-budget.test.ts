import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { createFakeClock, type FakeClock } from '../../ports/fakes/fake-clock.ts'
import { type MicroUsd, microUsd } from '../../ports/money.ts'
import type { ApiKeyRow } from '../../ports/store.ts'
import { createKeyBudget, type KeyBudget, type SetAside } from './key-budget.ts'

let clock: FakeClock
let spent: { costMicroUsd: MicroUsd; open: number }
let replicas: readonly KeyBudget[]
const usd = (dollars: number) => microUsd(dollars * 1_000_000)
const keyOf = (monthlyMicroUsd: MicroUsd | null): ApiKeyRow => ({
  id: 'key_1',
  name: 'agent',
  scopes: ['infer'],
  hash: '',
  models: null,
  monthlyMicroUsd,
  createdAt: 0,
  lastUsedAt: null,
  revokedAt: null,
})

beforeEach(() => {
  clock = createFakeClock()
  spent = { costMicroUsd: usd(0), open: 0 }
  const { facts } = createMemoryStore({ clock })
  const jobs = { countByUser: async () => ({ created: 0, ...spent }) }
  const world = { facts, jobs, clock, random: createSystemRandom(), startOfMonth: () => 0 }
  replicas = [createKeyBudget(world), createKeyBudget(world), createKeyBudget(world)]
})

/** What each asks for at the same moment, in turn over the replicas. */
async function race(
  count: number,
  wanted: MicroUsd,
  isJob = false,
): Promise<readonly PromiseSettledResult<SetAside>[]> {
  const key = keyOf(usd(3))
  const asked = Array.from({ length: count }, (_, n) => replicas[n % replicas.length]?.setAside(key, wanted, isJob))
  let isOver = false
  const all = Promise.allSettled(asked.map((each) => each ?? Promise.reject(new Error('no replica'))))
  void all.then(() => {
    isOver = true
  })
  await clock.runUntil(() => isOver)
  return all
}
const granted = (results: readonly PromiseSettledResult<SetAside>[]) =>
  results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
const refusals = (results: readonly PromiseSettledResult<SetAside>[]) =>
  results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))

describe('the budget of a key', () => {
  it('is never set aside twice, however many ask at once at however many replicas', async () => {
    const results = await race(10, usd(1))
    expect(granted(results).map(({ microUsd: each }) => each)).toEqual([usd(1), usd(1), usd(1)])
    expect(new Set(refusals(results))).toEqual(new Set(['budget-in-use']))
  })

  it('gives the last one what is left', async () => {
    expect(granted(await race(2, usd(2))).map(({ microUsd: each }) => each)).toEqual([usd(2), usd(1)])
  })

  it('is free again when a call has ended, less what it cost', async () => {
    const [call] = granted(await race(1, usd(3)))
    await call?.end(usd(1))
    expect(granted(await race(1, usd(3)))[0]?.microUsd).toBe(usd(2))
  })

  it('counts what the log says once the log has it', async () => {
    const [call] = granted(await race(1, usd(3)))
    await call?.end(usd(1))
    spent.costMicroUsd = usd(1)
    await clock.advance(10_000)
    expect(granted(await race(1, usd(3)))[0]?.microUsd).toBe(usd(2))
    spent.costMicroUsd = usd(3)
    expect(refusals(await race(1, usd(1)))).toEqual(['budget-reached'])
  })

  it('is held by a job until the jobs of the key have ended', async () => {
    spent.open = 1
    await race(1, usd(3), true)
    await clock.advance(60_000)
    expect(refusals(await race(1, usd(1)))).toEqual(['budget-in-use'])
    spent = { costMicroUsd: usd(2), open: 0 }
    expect(granted(await race(1, usd(3)))[0]?.microUsd).toBe(usd(1))
  })

  it('is free again an hour after a replica died with it', async () => {
    await race(1, usd(3))
    await clock.advance(3_600_000)
    expect(granted(await race(1, usd(3)))).toHaveLength(1)
  })

  it('that has no limit costs the store nothing', async () => {
    const budget = createKeyBudget({
      facts: null as never,
      jobs: null as never,
      clock,
      random: createSystemRandom(),
      startOfMonth: () => 0,
    })
    expect((await budget.setAside(keyOf(null), usd(5))).microUsd).toBe(usd(5))
  })
})
