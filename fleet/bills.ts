import { checkBilling } from './billing-check.ts'
import type { FleetParts } from './parts.ts'
import { settleFromBills } from './settle-from-bills.ts'
import type { Term } from './term.ts'
import type { FleetTimings } from './timings.ts'

/** Looks at the provider's bills now and then: first to settle from them, then to compare. */
export class Bills {
  readonly #parts: FleetParts
  readonly #timings: FleetTimings
  readonly #term: Term
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(parts: FleetParts, timings: FleetTimings, term: Term) {
    this.#parts = parts
    this.#timings = timings
    this.#term = term
  }

  isDue(now: number): boolean {
    return Math.abs(now - this.#lookedAt) >= this.#timings.billsMs
  }

  async look(): Promise<void> {
    this.#lookedAt = this.#parts.clock.now()
    await settleFromBills(this.#parts, this.#timings, this.#term)
    await checkBilling(this.#parts, this.#term.signal)
  }
}
