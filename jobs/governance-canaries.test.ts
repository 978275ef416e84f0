import { expect, it } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { silentLog } from '../ports/log.ts'
import { CANARIES_FACT, runCanaries } from './governance-canaries.ts'

const clock = createFakeClock()

it('finds every rule alive and says when it looked', async () => {
  const { facts } = createMemoryStore({ clock })
  expect(await runCanaries({ facts, clock, log: silentLog })).toEqual([])
  expect(await facts.get(CANARIES_FACT)).toEqual({ at: clock.now(), dead: [] })
})

it('raises an alarm in the log and for the dashboard when a rule no longer blocks', async () => {
  const { facts } = createMemoryStore({ clock })
  const alarms: unknown[] = []
  const log = { ...silentLog, error: (facts: unknown) => alarms.push(facts) }
  const dead = { rule: 'plan/ghost', said: 'pass', message: 'all is well' } as const
  await runCanaries({ facts, clock, log }, () => [dead])
  expect(alarms).toEqual([dead])
  expect(await facts.get(CANARIES_FACT)).toEqual({ at: clock.now(), dead: [dead] })
})
