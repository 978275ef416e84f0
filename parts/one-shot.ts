import { createMoneyJournal } from '../adapters/journal/money-journal.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { prepareDirectory } from '../adapters/postgres/data-directory.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { createSystemLog } from '../adapters/system/system-log.ts'
import { createSystemRandom } from '../adapters/system/system-random.ts'
import type { Environment } from '../config/environment.ts'
import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { DirectEngines } from '../fleet/direct-engines.ts'
import { withOneShotEngines } from '../fleet/one-shot.ts'
import type { FleetTimings } from '../fleet/timings.ts'
import type { Clock, Random } from '../ports/clock.ts'
import { isCodedError, ModelError } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import type { EngineLease, EnginePhase, Engines } from '../ports/model.ts'
import { type MicroUsd, microUsd } from '../ports/money.ts'
import type { Store } from '../ports/store.ts'
import { type ModelSettings, modelSettings } from '../review/models.ts'
import { fleetPolicyOf } from './fleet-policy.ts'
import { localInstallId } from './install-id.ts'
import { connectWith } from './models.ts'
import { createRunpodParts } from './runpod.ts'

const WAIT_MS = 30 * 60_000
const PROVE_MS = 90_000
/** A little more than the pace at which pods that serve are listed. */
const LOST_WITHIN_MS = 20_000
/** Somebody else's Ollama queues by itself; more calls than this side by side only wait there. */
const DIRECT_PARALLEL = 4

export interface EngineWish {
  readonly environment: Environment
  /** `runpod`, or the URL of an Ollama. */
  readonly engine: string
  /** The bearer token of a gateway at that URL; a plain Ollama has none. */
  readonly engineToken?: string
  readonly model?: string
  readonly config?: ResolvedConfig
  readonly maxCostMicroUsd?: MicroUsd
  /** Pods of the Action are found again by their repository's name. */
  readonly installId?: string
  readonly fleet?: { readonly timings?: Partial<FleetTimings>; readonly podEnv?: Readonly<Record<string, string>> }
  /** How long to wait for an engine; 30 minutes when absent. */
  readonly waitMs?: number
  /** On how many further pods the work begins anew when its own is lost; none when absent. */
  readonly mostLostPods?: number
  readonly signal: AbortSignal
  readonly onPhase?: (phase: EnginePhase) => void
  /** Told once when all is given back, also when the work failed. */
  readonly onSpent?: (spent: { readonly cost: MicroUsd; readonly podName: string | null }) => void
}

export interface EngineRun {
  readonly id: string
  readonly lease: EngineLease
  readonly settings: ModelSettings
  readonly queuedAt: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Where work in one process finds engines, and the store it keeps its rows in. */
export interface EnginesRun {
  readonly engines: Engines
  readonly store: Store
  readonly config: ResolvedConfig
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface OneShotRun<T> {
  readonly value: T
  readonly cost: MicroUsd
  readonly podName: string | null
  readonly isProvenGone: boolean
}

/** One process, one engine, no database: rents if it must, gives back at once, and waits for the proof. */
export function runOnEngine<T>(wish: EngineWish, work: (run: EngineRun) => Promise<T>): Promise<OneShotRun<T>> {
  return withEngines(wish, async ({ engines, config, clock, random }) => {
    const model = wish.model ?? config.review.model
    const settings = modelSettings(model)
    const queuedAt = clock.now()
    const id = random.ulid(queuedAt)
    const demand = {
      jobId: id,
      repository: null,
      user: null,
      model,
      load: settings.load,
      slotsWanted: settings.parallel,
      deadlineAt: queuedAt + (wish.waitMs ?? WAIT_MS),
      maxCostMicroUsd: wish.maxCostMicroUsd ?? config.budget.perJobMicroUsd,
      ...(wish.onPhase === undefined ? {} : { onPhase: wish.onPhase }),
    }
    const attempt = async () => {
      const lease = await engines.acquire(demand, wish.signal)
      try {
        const signal = AbortSignal.any([wish.signal, lease.lost])
        return await work({ id, lease, settings, queuedAt, clock, signal })
      } catch (error) {
        throw (await turnsOutLost(lease, error, clock)) ? new PodLost(lease.lost.reason) : error
      } finally {
        await lease.release()
      }
    }
    for (let tries = 0; ; tries++) {
      try {
        return await attempt()
      } catch (error) {
        if (!(error instanceof PodLost)) throw error
        const mayTryAgain =
          isCodedError(error.cause) && error.cause.owner === 'retry' && tries < (wish.mostLostPods ?? 0)
        if (!mayTryAgain || wish.signal.aborted) throw error.cause
      }
    }
  })
}

/** The work ended because its pod did; the cause says how. */
class PodLost extends Error {
  constructor(cause: unknown) {
    super('the pod was lost', { cause })
  }
}

/**
 * A call fails at once when its pod is gone, while the account is asked only now and then: that the pod is gone is the better reason, so it
 * is waited for a moment.
 */
async function turnsOutLost(lease: EngineLease, error: unknown, clock: Clock): Promise<boolean> {
  const mayBe = lease.podName !== null && error instanceof ModelError && error.owner === 'retry'
  if (mayBe) await clock.sleep(LOST_WITHIN_MS, lease.lost).catch(() => {})
  return lease.lost.aborted
}

/** The same for work that takes its leases itself, when and if it needs them. */
export async function withEngines<T>(wish: EngineWish, work: (run: EnginesRun) => Promise<T>): Promise<OneShotRun<T>> {
  const clock = systemClock
  const random = createSystemRandom()
  const level = wish.environment.LOG_LEVEL === 'info' ? 'warn' : wish.environment.LOG_LEVEL
  const log = createSystemLog({ level, format: 'text' })
  const config = wish.config ?? defaultConfig()
  const connect = connectWith({ clock, random })
  const store = createMemoryStore({ clock })
  const world = { store, config, clock, random, log }
  if (wish.engine !== 'runpod') {
    const address = { url: wish.engine.replace(/\/+$/, ''), token: wish.engineToken ?? null }
    const engines = new DirectEngines({ address, connect, clock, parallel: DIRECT_PARALLEL })
    try {
      return { value: await work({ ...world, engines }), cost: microUsd(0), podName: null, isProvenGone: true }
    } finally {
      await store.close()
    }
  }
  const { key, ...runpod } = createRunpodParts(wish.environment, { clock, random, log }, config.fleet)
  // The journal is read first and takes a line before each rent; that it will not is better known before anything waits for a pod.
  await prepareDirectory(wish.environment.DEVLOOP_DATA)
  const journal = createMoneyJournal(wish.environment.DEVLOOP_DATA)
  await journal.readAll()
  const installId = wish.installId ?? (await localInstallId(wish.environment, random))
  const policy = fleetPolicyOf(config, { installId, apiUrl: wish.environment.RUNPOD_API_URL, ...wish.fleet })
  const { parallel } = modelSettings(wish.model ?? config.review.model)
  const parts = {
    ...runpod,
    store,
    journal,
    connect,
    clock,
    random,
    log,
    holder: random.ulid(clock.now()),
    holderPid: process.pid,
    tokenSecret: key.reveal(),
  }
  // The ledger begins with what the journal tells of earlier runs.
  const startedAt = clock.now()
  const spent = async () => ({
    cost: microUsd((await store.ledger.spent(startedAt)) as number),
    podName: (await store.pods.listSince(startedAt))[0]?.name ?? null,
  })
  try {
    const inside = (engines: Engines) => work({ ...world, engines })
    const end = await withOneShotEngines(parts, { ...policy, parallel }, inside, { proveMs: PROVE_MS })
    return { value: end.value, ...(await spent()), isProvenGone: end.isProvenGone }
  } finally {
    wish.onSpent?.(await spent())
    // Its backstop would keep the process alive for ever.
    await store.close()
  }
}
