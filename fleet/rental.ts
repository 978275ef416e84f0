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

/** Has one pod rented at a time for those who wait, and tells them what became of it. */
export class Rental {
  readonly #parts: Pick<FleetParts, 'store' | 'log'>
  readonly #term: Term
  readonly #watch: Watch
  readonly #renter: Renter
  #notBefore = 0
  isRenting = false

  constructor(parts: Pick<FleetParts, 'store' | 'log'>, term: Term, watch: Watch, renter: Renter) {
    this.#parts = parts
    this.#term = term
    this.#watch = watch
    this.#renter = renter
  }

  /** Answers whether a pod is being rented now. */
  async rent(world: World, plan: DispatchPlan, maxPods: number): Promise<boolean> {
    const [demand] = plan.rent
    if (demand === undefined) return false
    const refusal = this.#watch.refusal ?? (world.stop?.paused === true ? pausedRefusal(world.stop) : null)
    if (refusal !== null) {
      await refuseDemands(this.#parts, world.demands, refusal)
      return false
    }
    // Nothing is created before one good list of this term has shown what exists.
    if (this.isRenting || this.#watch.list === null || world.now < this.#notBefore) return false
    const slot = freeSlot(world.rows, maxPods)
    if (slot === undefined || !this.#term.isLeading()) return false
    this.isRenting = true
    this.#watch.run(async () => {
      try {
        await this.#tell(demand, await this.#renter.rent(demand, slot))
      } finally {
        this.isRenting = false
      }
    })
    return true
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

function freeSlot(rows: readonly PodRow[], maxPods: number): number | undefined {
  const taken = new Set(rows.map((row) => row.slot))
  return Array.from({ length: maxPods }, (_, slot) => slot).find((slot) => !taken.has(slot))
}

function pausedRefusal(stop: StopRequest): Refusal {
  return {
    code: 'not-ready',
    message: `No pod is rented: ${stop.reason}.`,
    remedy: 'Start it again with POST /control/start or `devloop pods start`.',
  }
}
