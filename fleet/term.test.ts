import { expect, test } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { silentLog } from '../ports/log.ts'
import { leadInTerms } from './term.ts'

const LEASE_MS = 15_000

test.each([0, 1, 1_250, 2_499, 2_500, 4_999])(
  'a leader that died right after it renewed is followed within 17.5 s by one that came %i ms later',
  async (laterMs) => {
    const clock = createFakeClock()
    const store = createMemoryStore({ clock })
    const parts = { store, clock, log: silentLog, holder: 'alive' }
    await store.leases.acquire('reconcile', 'dead', LEASE_MS, clock.now())
    const diedAt = clock.now()
    await clock.advance(laterMs)
    const over = new AbortController()
    let followedAt: number | undefined
    const leading = leadInTerms(parts, LEASE_MS, over.signal, async (term) => {
      followedAt = clock.now()
      await clock.sleep(1e9, term.signal).catch(() => {})
    })
    await clock.runUntil(() => followedAt !== undefined)
    expect((followedAt ?? Number.NaN) - diedAt).toBeGreaterThanOrEqual(LEASE_MS)
    expect((followedAt ?? Number.NaN) - diedAt).toBeLessThanOrEqual(17_500)
    over.abort()
    await leading
  },
)

test('a term ends when its lease cannot be renewed, also where the clock was set back', async () => {
  const clock = createFakeClock()
  let offsetMs = 0
  const shifted = { now: () => clock.now() + offsetMs, sleep: clock.sleep.bind(clock) }
  const store = createMemoryStore({ clock })
  const leases = { ...store.leases }
  const parts = { store: { ...store, leases }, clock: shifted, log: silentLog, holder: 'cut off' }
  const over = new AbortController()
  let endedAt: number | undefined
  const leading = leadInTerms(parts, LEASE_MS, over.signal, async (term) => {
    offsetMs = -10 * 60_000
    leases.acquire = () => Promise.reject(new Error('the database is away'))
    await clock.sleep(1e9, term.signal).catch(() => {})
    endedAt ??= clock.now()
    expect(term.isLeading()).toBe(false)
  })
  const startedAt = clock.now()
  await clock.runUntil(() => endedAt !== undefined)
  expect((endedAt ?? 0) - startedAt).toBeLessThanOrEqual(LEASE_MS)
  over.abort()
  await leading
})
