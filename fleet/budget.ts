import { costOf, type MicroUsd, microUsd } from '../ports/money.ts'
import type { BudgetCap } from '../ports/store.ts'

const MINUTE_MS = 60_000
/** A pod that lives shorter than this cannot boot, answer and be given back. */
const SHORTEST_LIFETIME_MS = 15 * MINUTE_MS

/** Day and month of UTC, as the caps count them. */
export function capsAt(now: number, perDay: MicroUsd, perMonth: MicroUsd): readonly BudgetCap[] {
  const date = new Date(now)
  const day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  const month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  return [
    { scope: 'day', capMicroUsd: perDay, since: day },
    { scope: 'month', capMicroUsd: perMonth, since: month },
  ]
}

/**
 * How long a new pod may live on what is left of the tightest cap, never longer than `wantedMs`. 0 when that is too short to be of use:
 * the reservation covers the whole life, so a cap cannot be passed while the pod runs.
 */
export function affordableLifetimeMs(
  caps: readonly BudgetCap[],
  committed: readonly MicroUsd[],
  microUsdPerHour: MicroUsd,
  wantedMs: number,
): number {
  const leftMicroUsd = Math.min(...caps.map((cap, index) => cap.capMicroUsd - (committed[index] ?? 0)))
  if (microUsdPerHour === 0) return wantedMs
  const affordableMs = Math.floor((leftMicroUsd * 3_600_000) / microUsdPerHour / MINUTE_MS) * MINUTE_MS
  const lifetimeMs = Math.min(wantedMs, affordableMs)
  return lifetimeMs < Math.min(wantedMs, SHORTEST_LIFETIME_MS) ? 0 : lifetimeMs
}

/** The least a job costs that has to wait for a pod to boot; told before anything is rented. */
export function leastJobCost(microUsdPerHour: MicroUsd, usualBootMs: number): MicroUsd {
  return microUsdPerHour === 0 ? microUsd(0) : costOf(microUsdPerHour, usualBootMs)
}
