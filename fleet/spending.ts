import { capsAt } from './budget.ts'
import { spendOf } from './ledger.ts'
import type { FleetParts } from './parts.ts'
import type { FleetPolicy } from './policy.ts'
import type { Term } from './term.ts'
import type { World } from './world.ts'

/** Writes down every now and then what running pods have cost so far, and notices when a cap is reached. */
export class Spending {
  readonly #parts: Pick<FleetParts, 'store' | 'log'>
  readonly #policy: FleetPolicy
  readonly #term: Term
  #savedAt: number
  isOverBudget = false

  constructor(parts: Pick<FleetParts, 'store' | 'log'>, policy: FleetPolicy, term: Term, now: number) {
    this.#parts = parts
    this.#policy = policy
    this.#term = term
    this.#savedAt = now
  }

  /** Answers whether it was time to. */
  async save(world: World): Promise<boolean> {
    const { store, log } = this.#parts
    if (world.rows.length === 0 || world.now - this.#savedAt < this.#policy.timings.accrueMs) return false
    this.#savedAt = world.now
    for (const row of world.rows) {
      // Of a create without an answer nothing is known to cost yet; its reservation stands.
      if (row.attemptedAt === null || row.state === 'intent') continue
      const until = Math.min(row.deletedAt ?? world.now, row.ownEndAt ?? world.now)
      const entry = { podName: row.name, kind: 'accrue' as const, microUsd: spendOf(row, until), at: world.now }
      await store.ledger.write(entry, this.#term.fence)
    }
    this.isOverBudget = await this.#hasReachedCap(world.now)
    log.debug({ pods: world.rows.length }, 'Spending so far was written down')
    return true
  }

  /** Reservations keep spending under the caps; a cap that was lowered, or a price that rose, is noticed here. */
  async #hasReachedCap(now: number): Promise<boolean> {
    const caps = capsAt(now, this.#policy.perDayMicroUsd, this.#policy.perMonthMicroUsd)
    const spent = await Promise.all(caps.map((cap) => this.#parts.store.ledger.spent(cap.since)))
    return caps.some((cap, index) => (spent[index] ?? 0) >= cap.capMicroUsd)
  }
}
