import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { FleetEngines } from '../../fleet/engines.ts'
import type { FleetParts } from '../../fleet/parts.ts'
import type { FleetPolicy } from '../../fleet/policy.ts'
import { reconcile } from '../../fleet/reconcile.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../ports/log.ts'
import type { ModelEngine } from '../../ports/model.ts'
import { microUsdFromUsd } from '../../ports/money.ts'
import { MemoryJournal } from '../../sandbox/e2e/chaos/memory-journal.ts'
import { VIRTUAL_POLICY } from '../../sandbox/e2e/chaos/virtual-policy.ts'
import { BootingProvider } from './booting-provider.ts'

export interface PodsReady {
  /** From the job's question to its lease. */
  readonly toReadyMs: readonly number[]
  /** What the provider itself took for the same pods, from the request for each to its first answer. */
  readonly bootMs: readonly number[]
  /** From the first job's question to the last request for a pod. */
  readonly askedOverMs: number
}

const PLENTY = microUsdFromUsd(1_000_000)
const HOUR_MS = 3_600_000
const unused = () => Promise.reject(new Error('no model is asked here'))
const NO_ENGINE: ModelEngine = { chat: unused, embed: unused, listModels: unused, showModel: unused, version: unused }

/** So many jobs in the same moment, each of which wants another model and so a pod of its own; virtual time, the real reconcile loop. */
export async function bootAtOnce(count: number, seed: number): Promise<PodsReady> {
  const clock = createFakeClock()
  const provider = new BootingProvider(clock, createSeededRandom(seed))
  const store = createMemoryStore({ clock })
  const policy: FleetPolicy = {
    ...VIRTUAL_POLICY,
    maxPods: count,
    parallel: 1,
    maxCreatesPerHour: 10 * count,
    perDayMicroUsd: PLENTY,
    perMonthMicroUsd: PLENTY,
  }
  const parts: FleetParts = {
    store,
    provider,
    market: null,
    guard: provider,
    journal: new MemoryJournal(),
    connect: () => NO_ENGINE,
    clock,
    random: createSeededRandom(seed + 1),
    log: silentLog,
    holder: 'bench',
    holderPid: 1,
    tokenSecret: 'bench',
  }
  const over = new AbortController()
  const loop = reconcile(parts, policy, over.signal)
  try {
    const engines = new FleetEngines(parts, policy)
    const startedAt = clock.now()
    const leases = Array.from({ length: count }, async (_, index) => {
      const demand = {
        jobId: `job-${index}`,
        repository: null,
        user: null,
        model: `model-${index}:30b`,
        load: { contextTokens: 16_384 },
        slotsWanted: 1,
        deadlineAt: startedAt + HOUR_MS,
        maxCostMicroUsd: microUsdFromUsd(10),
      }
      const lease = await engines.acquire(demand, over.signal)
      return { lease, readyMs: clock.now() - startedAt }
    })
    let settled = 0
    for (const one of leases) one.then(() => (settled += 1))
    await clock.runUntil(() => settled === count, HOUR_MS)
    const held = await Promise.all(leases)
    return {
      toReadyMs: held.map(({ readyMs }) => readyMs),
      bootMs: provider.pods.map(({ bootMs }) => bootMs),
      askedOverMs: Math.max(...provider.pods.map(({ shown }) => shown.createdAt)) - startedAt,
    }
  } finally {
    over.abort(new Error('measured'))
    await loop
    await store.close()
  }
}
