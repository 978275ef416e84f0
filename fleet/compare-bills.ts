import { type MicroUsd, microUsd } from '../ports/money.ts'
import type { BillingRecord } from '../ports/pods.ts'

export interface BillingDifference {
  readonly ledgerMicroUsd: MicroUsd
  readonly billedMicroUsd: MicroUsd
  /** 0.05 is 5 %; of the larger of the two. */
  readonly ratio: number
  readonly isAlarming: boolean
  /** Pods the provider bills that we have no row of. */
  readonly unknownPods: readonly string[]
}

const ALARMING_RATIO = 0.05
/** Hour buckets and rounding differ by that much without meaning anything. */
const NEGLIGIBLE_MICRO_USD = 10_000

/** Compares what our clock says that pods cost (by provider id) with what the provider billed for them. `known`: also pods whose cost is
 * not settled yet. */
export function compareBills(
  ours: ReadonlyMap<string, MicroUsd>,
  records: readonly BillingRecord[],
  known: ReadonlySet<string>,
): BillingDifference {
  const billed = records
    .filter((record) => ours.has(record.podId))
    .reduce((sum, record) => sum + record.totalMicroUsd, 0)
  const ledger = [...ours.values()].reduce((sum, amount) => sum + amount, 0)
  const difference = Math.abs(billed - ledger)
  const ratio = difference === 0 ? 0 : difference / Math.max(billed, ledger)
  return {
    ledgerMicroUsd: microUsd(ledger),
    billedMicroUsd: microUsd(billed),
    ratio,
    isAlarming: ratio > ALARMING_RATIO && difference > NEGLIGIBLE_MICRO_USD,
    unknownPods: [
      ...new Set(records.filter((record) => !known.has(record.podId)).map((record) => record.podId as string)),
    ],
  }
}
