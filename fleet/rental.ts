import type { DemandRow, PodRow } from '../ports/store.ts'
import type { DispatchPlan } from './dispatch.ts'
import type { FleetParts } from './parts.ts'
import type { Refusal } from './refusal.ts'
import { refuseDemands } from './refuse-demands.ts'
import type { RentOutcome } from './rent-outcome.ts'
import type { Renter } from './renter.ts'
import type { StopRequest } from './requests.ts'
import type { Term } from './term.ts'
import type { Watch } from './watch.ts'
import type { World } from './world.ts'

/** Creates under way at most, once the provider has shown that it has pods to give. */
const AT_ONCE = 64

/**
 * Has pods rented for those who wait, and tells them what became of it. The first alone; while creates bring pods, as many at a time as
 * are wanted; after one that did not, alone again, so that a provider without pods is asked once and not by everybody.
 */
export class Rental {
  readonly #parts: Pick<FleetParts, 'store' | 'log'>
  readonly #term: Term
  readonly #watch: Watch
  readonly #renter: Renter
  /** The slot that is rented for a model. */
  readonly #underWay = new Map<string, number>()
  #notBefore = 0
  #isGiving = false

  constructor(parts: Pick<FleetParts, 'store' | 'log'>, term: Term, watch: Watch, renter: Renter) {
    this.#parts = parts
    this.#term = term
    this.#watch = watch
    this.#renter = renter
  }

  get isRenting(): boolean {
    return this.#underWay.size > 0
  }

  /** Answers whether the renting of a pod has begun. */
  async rent(world: World, plan: DispatchPlan, maxPods: number): Promise<boolean> {
    if (plan.rent.length === 0) return false
    const refusal = this.#watch.refusal ?? (world.stop?.paused === true ? pausedRefusal(world.stop) : null)
    if (refusal !== null) {
      await refuseDemands(this.#parts, world.demands, refusal)
      return false
    }
    // Nothing is created before one good list of this term has shown what exists.
    if (this.#watch.list === null || world.now < this.#notBefore || !this.#term.isLeading()) return false
    let hasBegun = false
    for (const demand of plan.rent) {
      if (this.#underWay.size >= (this.#isGiving ? AT_ONCE : 1)) break
      if (this.#underWay.has(demand.model)) continue
      const slot = freeSlot(world.rows, [...this.#underWay.values()], maxPods)
      if (slot === undefined) break
      this.#underWay.set(demand.model, slot)
      this.#watch.run(() => this.#rentFor(demand, slot))
      hasBegun = true
    }
    return hasBegun
  }

  async #rentFor(demand: DemandRow, slot: number): Promise<void> {
    let isGiving = false
    try {
      const outcome = await this.#renter.rent(demand, slot)
      isGiving = outcome.kind === 'sent' && outcome.isSure
      await this.#tell(demand, outcome)
    } finally {
      this.#isGiving = isGiving
      this.#underWay.delete(demand.model)
    }
  }

  async #tell(demand: DemandRow, outcome: RentOutcome): Promise<void> {
    const { store } = this.#parts
    if (outcome.kind === 'sent') return
    const waiting = (await store.demands.list()).filter((other) => other.refused === null)
    if (outcome.kind === 'refuse') {
      const concerned = outcome.scope === 'all' ? waiting : waiting.filter((other) => other.jobId === demand.jobId)
      return refuseDemands(this.#parts, concerned, outcome.refusal)
    }
    this.#notBefore = outcome.until
    const uninformed = waiting.filter((other) => other.note !== outcome.note)
    await Promise.all(uninformed.map((other) => store.demands.patch(other.jobId, { note: outcome.note })))
    await store.notify('demand')
  }
}

function freeSlot(rows: readonly PodRow[], underWay: readonly number[], maxPods: number): number | undefined {
  const taken = new Set([...rows.map((row) => row.slot), ...underWay])
  return Array.from({ length: maxPods }, (_, slot) => slot).find((slot) => !taken.has(slot))
}

function pausedRefusal(stop: StopRequest): Refusal {
  return {
    code: 'not-ready',
    message: `No pod is rented: ${stop.reason}.`,
    remedy: 'Start it again with POST /control/start or `devloop pods start`.',
  }
}
