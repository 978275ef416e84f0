import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import { FleetEngines } from '../../../fleet/engines.ts'
import type { FleetParts } from '../../../fleet/parts.ts'
import type { FleetPolicy } from '../../../fleet/policy.ts'
import { reconcile } from '../../../fleet/reconcile.ts'
import { createFakeClock } from '../../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../../ports/log.ts'
import type { EngineDemand, EngineLease, ModelEngine } from '../../../ports/model.ts'
import { microUsdFromUsd } from '../../../ports/money.ts'
import { MemoryJournal } from './memory-journal.ts'
import { NO_FAULTS, type VirtualFaults } from './virtual-faults.ts'
import { VIRTUAL_POLICY } from './virtual-policy.ts'
import { VirtualRunpod } from './virtual-runpod.ts'

const HALF_HOUR_MS = 30 * 60_000
const unused = () => Promise.reject(new Error('no model is asked here'))
const NO_ENGINE: ModelEngine = { chat: unused, embed: unused, listModels: unused, showModel: unused, version: unused }

/** One process with the whole fleet over an emulated provider, in virtual time and at rest until something is asked of it. */
export function virtualFleet(
  change: {
    readonly faults?: Partial<VirtualFaults>
    readonly policy?: Partial<FleetPolicy>
    readonly parts?: Partial<FleetParts>
  } = {},
) {
  const clock = createFakeClock()
  const random = createSeededRandom(7)
  const runpod = new VirtualRunpod(clock, random, () => ({ ...NO_FAULTS, ...change.faults }))
  const store = createMemoryStore({ clock })
  const journal = new MemoryJournal()
  const policy: FleetPolicy = { ...VIRTUAL_POLICY, ...change.policy }
  const parts: FleetParts = {
    store,
    provider: runpod,
    market: null,
    guard: runpod,
    journal,
    connect: () => NO_ENGINE,
    clock,
    random,
    log: silentLog,
    holder: 'virtual',
    holderPid: 1,
    tokenSecret: 'a secret of this test',
    ...change.parts,
  }
  const over = new AbortController()
  const loop = reconcile(parts, policy, over.signal)
  const engines = new FleetEngines(parts, policy)
  return {
    clock,
    runpod,
    store,
    journal,
    parts,
    policy,
    engines,
    /** What acquiring ends with, after as much virtual time as it takes. */
    async acquire(jobId: string, more: Partial<EngineDemand> = {}): Promise<EngineLease> {
      const acquired = engines.acquire(demandFor(jobId, clock.now(), more), new AbortController().signal)
      let isSettled = false
      acquired.then(
        () => {
          isSettled = true
        },
        () => {
          isSettled = true
        },
      )
      await clock.runUntil(() => isSettled)
      return acquired
    },
    async stop(): Promise<void> {
      over.abort(new Error('the test is over'))
      await loop
      await store.close()
    },
  }
}

function demandFor(jobId: string, now: number, more: Partial<EngineDemand>): EngineDemand {
  return {
    jobId,
    repository: null,
    user: null,
    model: 'qwen3-coder:30b',
    load: { contextTokens: 16_384 },
    slotsWanted: 1,
    deadlineAt: now + HALF_HOUR_MS,
    maxCostMicroUsd: microUsdFromUsd(1),
    ...more,
  }
}
