import type { MicroUsd } from '../ports/money.ts'
import type { DemandRow } from '../ports/store.ts'
import { budgetReached } from '../ports/store-errors.ts'
import { affordableLifetimeMs, capsAt, leastJobCost } from './budget.ts'
import { reservationOf } from './ledger.ts'
import type { FleetParts } from './parts.ts'
import type { FleetPolicy } from './policy.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import type { RentOutcome } from './rent-outcome.ts'

export interface Affordable {
  readonly kind: 'affordable'
  readonly lifetimeMs: number
  readonly caps: ReturnType<typeof capsAt>
}

/** How long a pod at this price may live by what is left of the day and the month, or why it may not be rented at all. */
export async function affordPod(
  { store, clock }: Pick<FleetParts, 'store' | 'clock'>,
  policy: FleetPolicy,
  demand: DemandRow,
  microUsdPerHour: MicroUsd,
): Promise<Affordable | Extract<RentOutcome, { readonly kind: 'refuse' }>> {
  const least = leastJobCost(microUsdPerHour, policy.timings.usualBootMs)
  if (demand.maxCostMicroUsd < least) {
    return { kind: 'refuse', refusal: tooSmallBudget(demand, least), scope: 'job' }
  }
  const caps = capsAt(clock.now(), policy.perDayMicroUsd, policy.perMonthMicroUsd)
  const committed = await Promise.all(caps.map((cap) => store.ledger.committed(cap.since)))
  const lifetimeMs = affordableLifetimeMs(caps, committed, microUsdPerHour, policy.timings.lifetimeMs)
  if (lifetimeMs > 0) return { kind: 'affordable', lifetimeMs, caps }
  const worst = caps.findIndex((cap, index) => cap.capMicroUsd - (committed[index] ?? 0) < least * 8)
  const cap = caps[Math.max(0, worst)]
  if (cap === undefined) throw new RangeError('there is always a day and a month')
  const error = budgetReached(cap, committed[Math.max(0, worst)] ?? 0, reservationOf(microUsdPerHour, 15 * 60_000))
  return { kind: 'refuse', refusal: refusalOf(error), scope: 'all' }
}

function tooSmallBudget(demand: DemandRow, least: number): Refusal {
  const usd = (micro: number) => `$${(micro / 1_000_000).toFixed(4)}`
  return {
    code: 'budget-reached',
    message: `Renting costs at least ${usd(least)}, above the ${usd(demand.maxCostMicroUsd)} this job may cost.`,
    remedy: 'Raise --max-cost or budget.perJobUsd, or use another engine.',
  }
}
