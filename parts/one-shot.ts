import { createMoneyJournal } from '../adapters/journal/money-journal.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { createSystemLog } from '../adapters/system/system-log.ts'
import { createSystemRandom } from '../adapters/system/system-random.ts'
import type { Environment } from '../config/environment.ts'
import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { DirectEngines } from '../fleet/direct-engines.ts'
import { runOneShot } from '../fleet/one-shot.ts'
import type { FleetTimings } from '../fleet/timings.ts'
import type { Clock } from '../ports/clock.ts'
import type { EngineLease, EnginePhase } from '../ports/model.ts'
import { type MicroUsd, microUsd } from '../ports/money.ts'
import { type ModelSettings, modelSettings } from '../review/models.ts'
import { fleetPolicyOf } from './fleet-policy.ts'
import { localInstallId } from './install-id.ts'
import { connectWith } from './models.ts'
import { createRunpodParts } from './runpod.ts'

const WAIT_MS = 30 * 60_000
const PROVE_MS = 90_000
/** Somebody else's Ollama queues by itself; more calls than this side by side only wait there. */
const DIRECT_PARALLEL = 4

export interface EngineWish {
  readonly environment: Environment
  /** `runpod`, or the URL of an Ollama. */
  readonly engine: string
  readonly model?: string
  readonly config?: ResolvedConfig
  readonly maxCostMicroUsd?: MicroUsd
  /** Pods of the Action are found again by their repository's name. */
  readonly installId?: string
  readonly fleet?: { readonly timings?: Partial<FleetTimings>; readonly podEnv?: Readonly<Record<string, string>> }
  readonly signal: AbortSignal
  readonly onPhase?: (phase: EnginePhase) => void
}

export interface EngineRun {
  readonly id: string
  readonly lease: EngineLease
  readonly settings: ModelSettings
  readonly queuedAt: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** One process, one engine, no database: rents if it must, gives back at once, and waits for the proof. */
export async function runOnEngine<T>(
  wish: EngineWish,
  work: (run: EngineRun) => Promise<T>,
): Promise<{
  readonly value: T
  readonly cost: MicroUsd
  readonly podName: string | null
  readonly isProvenGone: boolean
}> {
  const clock = systemClock
  const random = createSystemRandom()
  const log = createSystemLog({
    level: wish.environment.LOG_LEVEL === 'info' ? 'warn' : wish.environment.LOG_LEVEL,
    format: 'text',
  })
  const config = wish.config ?? defaultConfig()
  const model = wish.model ?? config.review.model
  const settings = modelSettings(model)
  const queuedAt = clock.now()
  const id = random.ulid(queuedAt)
  const connect = connectWith({ clock, random })
  const demand = {
    jobId: id,
    repository: null,
    user: null,
    model,
    load: settings.load,
    slotsWanted: settings.parallel,
    deadlineAt: queuedAt + WAIT_MS,
    maxCostMicroUsd: wish.maxCostMicroUsd ?? config.budget.perJobMicroUsd,
    ...(wish.onPhase === undefined ? {} : { onPhase: wish.onPhase }),
  }
  if (wish.engine !== 'runpod') {
    const engines = new DirectEngines({
      address: { url: wish.engine.replace(/\/+$/, ''), token: null },
      connect,
      clock,
      parallel: DIRECT_PARALLEL,
    })
    const lease = await engines.acquire(demand, wish.signal)
    const value = await work({ id, lease, settings, queuedAt, clock, signal: wish.signal })
    return { value, cost: microUsd(0), podName: null, isProvenGone: true }
  }
  const { key, ...runpod } = createRunpodParts(wish.environment, { clock, random, log })
  const installId = wish.installId ?? (await localInstallId(wish.environment, random))
  const policy = fleetPolicyOf(config, { installId, ...wish.fleet })
  const parts = {
    ...runpod,
    store: createMemoryStore({ clock }),
    journal: createMoneyJournal(wish.environment.DEVLOOP_DATA),
    connect,
    clock,
    random,
    log,
    holder: id,
    holderPid: process.pid,
    tokenSecret: key.reveal(),
  }
  const run = (lease: EngineLease, signal: AbortSignal) => work({ id, lease, settings, queuedAt, clock, signal })
  const end = await runOneShot(parts, { ...policy, parallel: settings.parallel }, demand, run, {
    signal: wish.signal,
    proveMs: PROVE_MS,
  })
  const cost = microUsd((await parts.store.ledger.spent(0)) as number)
  return { value: end.value, cost, podName: end.pods[0]?.name ?? null, isProvenGone: end.isProvenGone }
}
