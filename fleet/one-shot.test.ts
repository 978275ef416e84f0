import { expect, test } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { ModelError } from '../ports/errors.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../ports/fakes/seeded-random.ts'
import { silentLog } from '../ports/log.ts'
import type { EngineDemand, EngineLease, EnginePhase } from '../ports/model.ts'
import { microUsdFromUsd } from '../ports/money.ts'
import { MemoryJournal } from '../sandbox/e2e/chaos/memory-journal.ts'
import { NO_FAULTS, type VirtualFaults } from '../sandbox/e2e/chaos/virtual-faults.ts'
import { VIRTUAL_POLICY } from '../sandbox/e2e/chaos/virtual-policy.ts'
import { VirtualRunpod } from '../sandbox/e2e/chaos/virtual-runpod.ts'
import { withOneShotEngines } from './one-shot.ts'
import type { FleetParts } from './parts.ts'

const MINUTE = 60_000

function world(faults: Partial<VirtualFaults> = {}) {
  const clock = createFakeClock()
  const random = createSeededRandom(7)
  const runpod = new VirtualRunpod(clock, random, () => ({ ...NO_FAULTS, ...faults }))
  const journal = new MemoryJournal()
  const parts: FleetParts = {
    store: createMemoryStore({ clock }),
    provider: runpod,
    market: null,
    guard: runpod,
    journal,
    connect: () => {
      throw new Error('no model is asked in this test')
    },
    clock,
    random,
    log: silentLog,
    holder: 'one-shot',
    holderPid: 1,
    tokenSecret: 'a secret of this test',
  }
  return { clock, runpod, journal, parts: { ...parts, connect: () => NO_ENGINE } }
}

const NO_ENGINE = {
  chat: () => Promise.reject(new Error('unused')),
  embed: () => Promise.reject(new Error('unused')),
  listModels: () => Promise.reject(new Error('unused')),
  showModel: () => Promise.reject(new Error('unused')),
  version: () => Promise.reject(new Error('unused')),
}

function demand(now: number, more: Partial<EngineDemand> = {}): EngineDemand {
  return {
    jobId: 'job-1',
    repository: null,
    user: null,
    model: 'qwen3-coder:30b',
    load: { contextTokens: 16_384 },
    slotsWanted: 2,
    deadlineAt: now + 30 * MINUTE,
    maxCostMicroUsd: microUsdFromUsd(1),
    ...more,
  }
}

/** One lease for one piece of work. */
const oneShot = <T>(
  parts: FleetParts,
  wanted: EngineDemand,
  work: (lease: EngineLease) => Promise<T>,
  proveMs: number,
  signal = new AbortController().signal,
) =>
  withOneShotEngines(
    parts,
    VIRTUAL_POLICY,
    async (engines) => {
      const lease = await engines.acquire(wanted, signal)
      try {
        return await work(lease)
      } finally {
        await lease.release()
      }
    },
    { proveMs },
  )

test('rents, works, gives back, and proves it', async () => {
  const { clock, runpod, journal, parts } = world()
  const phases: EnginePhase[] = []
  let end: Awaited<ReturnType<typeof oneShot>> | undefined
  const run = oneShot(
    parts,
    demand(clock.now(), { onPhase: (phase) => phases.push(phase) }),
    async (lease) => {
      await clock.sleep(MINUTE)
      return `${lease.slots} slots of ${lease.model}`
    },
    5 * MINUTE,
  ).then((value) => {
    end = value
  })
  await clock.runUntil(() => end !== undefined)
  await run
  expect(end).toMatchObject({ value: '2 slots of qwen3-coder:30b', isProvenGone: true })
  expect(end?.pods.map((pod) => pod.state)).toEqual(['gone'])
  expect(runpod.live()).toEqual([])
  expect(runpod.creates).toBe(1)
  expect(phases.map((phase) => phase.phase)).toEqual(['queued', 'renting', 'booting', 'loading', 'ready'])
  expect(journal.lines.map((line) => line.kind)).toEqual(['create', 'settle'])
})

test('a cancelled run gives back what was still booting', async () => {
  const { clock, runpod, parts } = world()
  const cancel = new AbortController()
  let failure: unknown
  const run = oneShot(parts, demand(clock.now()), async () => 'never', 5 * MINUTE, cancel.signal).catch(
    (error: unknown) => {
      failure = error
    },
  )
  await clock.runUntil(() => runpod.live().length === 1)
  cancel.abort(new Error('cancelled by the user'))
  await clock.runUntil(() => failure !== undefined)
  await run
  expect(failure).toEqual(new Error('cancelled by the user'))
  expect(runpod.live()).toEqual([])
})

test('ends with a sentence when no pod comes before the deadline', async () => {
  const { clock, runpod, parts } = world({ noCapacity: 1 })
  let failure: unknown
  const hurried = demand(clock.now(), { deadlineAt: clock.now() + 5 * MINUTE })
  const run = oneShot(parts, hurried, async () => 'never', MINUTE).catch((error: unknown) => {
    failure = error
  })
  await clock.runUntil(() => failure !== undefined)
  await run
  expect(failure).toBeInstanceOf(ModelError)
  expect(String(failure)).toContain('No capacity; next try at')
  // Two candidates, tried again after their two minutes of rest.
  expect(runpod.creates).toBe(6)
})
