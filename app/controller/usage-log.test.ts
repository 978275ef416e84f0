import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import type { Clock } from '../../ports/clock.ts'
import { StoreError } from '../../ports/errors.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../ports/log.ts'
import { microUsd } from '../../ports/money.ts'
import type { Store } from '../../ports/store.ts'
import { createUsageLog, type UsageEntry } from './usage-log.ts'

function setUp(over: Partial<Store> = {}, clock: Clock = createFakeClock()) {
  const told: string[] = []
  const store = { ...createMemoryStore({ clock }), ...over }
  const log = {
    ...silentLog,
    warn: (facts: object, text: string) => void told.push(`${text} ${JSON.stringify(facts)}`),
  }
  const usage = createUsageLog({ store, clock, random: createSeededRandom(1), log })
  const entry = (name: string): UsageEntry => ({
    key: { name } as UsageEntry['key'],
    model: 'm',
    path: '/api/chat',
    queuedAt: clock.now(),
    use: { readyAt: clock.now(), costSoFar: () => microUsd(7) } as UsageEntry['use'],
    usage: { promptTokens: 3, completionTokens: 4 },
    ok: true,
  })
  return { told, store, usage, entry }
}

describe('the log of the gateway', () => {
  it('writes many calls at once, each an ended job that nobody will run again', async () => {
    const written: number[] = []
    const clock = createFakeClock()
    const store = createMemoryStore({ clock })
    const addEnded: Store['jobs']['addEnded'] = (jobs) => {
      written.push(jobs.length)
      return store.jobs.addEnded(jobs)
    }
    const { usage, entry } = setUp({ jobs: { ...store.jobs, addEnded } }, clock)
    for (let count = 0; count < 120; count++) usage.record(entry('agent'))
    await usage.drain()
    expect(written).toEqual([50, 50, 20])
    expect(await store.jobs.countByUser('key:agent', 0)).toEqual({ created: 120, open: 0, costMicroUsd: 840 })
    expect(await store.jobs.listOpen(10)).toEqual([])
  })

  it('loses calls rather than the gateway when the store is away, and says how many', async () => {
    const away = new StoreError({ code: 'unavailable', owner: 'retry', message: 'Away.', remedy: 'Wait.' })
    const { jobs } = createMemoryStore({ clock: createFakeClock() })
    const { told, usage, entry } = setUp({ jobs: { ...jobs, addEnded: () => Promise.reject(away) } })
    for (let count = 0; count < 5; count++) usage.record(entry('agent'))
    await usage.drain()
    expect(told).toEqual(['Calls of the gateway were not written to the log. {"error":"Away.","calls":5}'])
  })

  it('does not hold a server that stops', async () => {
    const slow = createFakeClock()
    const { jobs } = createMemoryStore({ clock: slow })
    const { told, usage, entry } = setUp({ jobs: { ...jobs, addEnded: async () => slow.jump(2_000) } }, slow)
    for (let count = 0; count < 500; count++) usage.record(entry('agent'))
    await usage.drain()
    expect(told.at(-1)).toBe('The server stops before all calls of the gateway were written to the log. {"calls":350}')
  })

  it('writes by itself, a moment after the answer', async () => {
    const { store, usage, entry } = setUp({}, systemClock)
    usage.record(entry('agent'))
    await expect.poll(async () => (await store.jobs.list({}, 5)).length).toBe(1)
  })
})
