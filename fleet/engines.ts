import { ModelError, StoreError } from '../ports/errors.ts'
import type { EngineDemand, EngineLease, EnginePhase, Engines } from '../ports/model.ts'
import type { PodName } from '../ports/ids.ts'
import type { DemandRow, PodRow } from '../ports/store.ts'
import { planDispatch } from './dispatch.ts'
import { holdPod } from './hold.ts'
import type { FleetParts } from './parts.ts'
import { errorOfRefusal } from './refusal.ts'
import type { FleetPolicy } from './policy.ts'
import { Wake } from './wake.ts'

export type EngineParts = Pick<
  FleetParts,
  'store' | 'provider' | 'clock' | 'log' | 'connect' | 'tokenSecret' | 'checkpoint'
>

/**
 * Engines on rented pods. A job writes down what it wants, is woken when anything changes, and takes slots of a ready pod when it is its
 * turn; renting is the business of the reconcile loop, in whichever process that runs.
 */
export class FleetEngines implements Engines {
  readonly #parts: EngineParts
  readonly #policy: FleetPolicy

  constructor(parts: EngineParts, policy: FleetPolicy) {
    this.#parts = parts
    this.#policy = policy
  }

  async acquire(demand: EngineDemand, signal: AbortSignal): Promise<EngineLease> {
    const { store, clock, checkpoint } = this.#parts
    signal.throwIfAborted()
    if (demand.maxCostMicroUsd <= 0) throw nothingToSpend()
    const askedAt = clock.now()
    const wake = new Wake()
    const ring = () => wake.ring()
    const stopListening = [store.listen('demand', ring), store.listen('pods', ring)]
    const { holdMs } = this.#policy.timings
    const phases = new Phases(demand, askedAt)
    let renewedAt = askedAt
    let isTaken = false
    try {
      await store.demands.put(this.#rowOf(demand, askedAt))
      await checkpoint?.('acquire:after-demand')
      await store.notify('demand')
      for (;;) {
        signal.throwIfAborted()
        const now = clock.now()
        const taken = await this.#tryTake(demand, now, phases)
        if (taken !== undefined) {
          isTaken = true
          await checkpoint?.('acquire:after-take')
          await store.demands.remove(demand.jobId)
          await checkpoint?.('acquire:after-remove')
          await store.notify('pods')
          return holdPod(this.#parts, this.#policy, { demand, askedAt, ...taken })
        }
        if (now >= demand.deadlineAt) throw tooLate(demand, now - askedAt, phases.last)
        if (now - renewedAt >= holdMs / 3) {
          await store.demands.patch(demand.jobId, { expiresAt: now + holdMs })
          renewedAt = now
        }
        await wake.wait(Math.max(1, Math.min(holdMs / 3, demand.deadlineAt - now)), clock, signal)
      }
    } catch (error) {
      // What was asked for is taken back on every path; what cannot be taken back runs out by itself.
      await store.demands.remove(demand.jobId).catch(() => {})
      if (isTaken) await store.slots.release(demand.jobId).catch(() => {})
      await store.notify('demand').catch(() => {})
      throw error
    } finally {
      for (const stop of stopListening) stop()
    }
  }

  async #tryTake(
    demand: EngineDemand,
    now: number,
    phases: Phases,
  ): Promise<{ readonly row: PodRow; readonly slots: number } | undefined> {
    const { store } = this.#parts
    const [pods, demands, holds] = await Promise.all([store.pods.listLive(), store.demands.list(), store.slots.list()])
    const own = demands.find((row) => row.jobId === demand.jobId)
    if (own?.refused != null) throw errorOfRefusal(own.refused)
    const plan = planDispatch({
      pods,
      // A row that somebody pruned while this process was stopped is written again.
      demands: own === undefined ? [...demands, await this.#putAgain(demand, now)] : demands,
      holds,
      now,
      fifoAfterMs: this.#policy.timings.fifoAfterMs,
      perRepositoryJobs: this.#policy.perRepositoryJobs,
      maxPods: this.#policy.maxPods,
    })
    const grant = plan.grants.get(demand.jobId)
    const row = pods.find((pod) => pod.name === grant?.podName)
    if (grant === undefined || row === undefined) {
      phases.tell(pods, own?.note ?? null, now)
      return undefined
    }
    const hold = {
      podName: row.name as PodName,
      jobId: demand.jobId,
      repository: demand.repository,
      heldAt: now,
      expiresAt: now + this.#policy.timings.holdMs,
    }
    const slots = await store.slots.take(hold, grant.slots, row.parallel)
    if (slots === 0) return undefined
    phases.ready(row, now)
    return { row, slots }
  }

  async #putAgain(demand: EngineDemand, now: number): Promise<DemandRow> {
    const row = this.#rowOf(demand, now)
    await this.#parts.store.demands.put(row)
    return row
  }

  #rowOf(demand: EngineDemand, now: number): DemandRow {
    const { jobId, repository, user, model, load, slotsWanted, maxCostMicroUsd } = demand
    return {
      jobId,
      repository,
      user,
      model,
      load,
      slotsWanted,
      maxCostMicroUsd,
      createdAt: now,
      expiresAt: now + this.#policy.timings.holdMs,
      note: null,
      refused: null,
    }
  }
}

const PHASE_OF_STATE: Partial<Record<PodRow['state'], EnginePhase['phase']>> = {
  intent: 'renting',
  creating: 'renting',
  booting: 'booting',
  warming: 'loading',
  ready: 'queued',
  busy: 'queued',
  draining: 'draining',
  terminating: 'draining',
}

/** Tells the one who waits when something changes, and only then. */
class Phases {
  readonly #demand: EngineDemand
  readonly #askedAt: number
  last = 'nothing has happened yet'

  constructor(demand: EngineDemand, askedAt: number) {
    this.#demand = demand
    this.#askedAt = askedAt
  }

  tell(pods: readonly PodRow[], note: string | null, now: number): void {
    const pod = pods.find((other) => other.model === this.#demand.model) ?? pods[0]
    // An intent is a wish: while it goes from one kind of GPU to the next, that there was none is the news.
    const isWish = pod === undefined || pod.state === 'intent'
    const phase =
      isWish && note !== null ? 'no-capacity' : pod === undefined ? 'queued' : (PHASE_OF_STATE[pod.state] ?? 'queued')
    this.#emit(phase, note ?? (pod === undefined ? 'waiting for a pod' : `${pod.candidate.gpu} is ${pod.state}`), now)
  }

  ready(row: PodRow, now: number): void {
    this.#emit('ready', `${row.candidate.gpu} after ${Math.round((now - this.#askedAt) / 1000)} s`, now)
  }

  #emit(phase: EnginePhase['phase'], detail: string, at: number): void {
    const text = `${phase}: ${detail}`
    if (text === this.last) return
    this.last = text
    this.#demand.onPhase?.({ phase, detail, at })
  }
}

function nothingToSpend(): StoreError {
  return new StoreError({
    code: 'budget-reached',
    owner: 'operator',
    message: 'This job may cost nothing, so no pod is rented for it.',
    remedy: 'Raise --max-cost or budget.perJobUsd, or use an engine that is not rented.',
  })
}

function tooLate(demand: EngineDemand, waitedMs: number, last: string): ModelError {
  return new ModelError({
    code: 'not-ready',
    owner: 'retry',
    message: `No pod for ${demand.model} within ${Math.round(waitedMs / 1000)} s (${last}).`,
    remedy: 'Try again later, or allow more kinds of GPU.',
  })
}
