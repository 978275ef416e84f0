import { costOf, type MicroUsd, microUsd } from '../ports/money.ts'
import type { BillingRecord } from '../ports/pods.ts'
import type { PodRow } from '../ports/store.ts'

/** What a pod has cost until `at`. Counted from the POST, not from RUNNING: the provider bills while it still boots. */
export function spendOf(row: PodRow, at: number): MicroUsd {
  return row.attemptedAt === null ? microUsd(0) : costOf(row.microUsdPerHour, at - row.attemptedAt)
}

/** What may at most come of a pod: its rate until its deadline. */
export function reservationOf(microUsdPerHour: MicroUsd, lifetimeMs: number): MicroUsd {
  return costOf(microUsdPerHour, lifetimeMs)
}

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

/** Compares what we think we spent with what the provider billed, for our own pods of the same period. */
export function compareWithBilling(
  rows: readonly PodRow[],
  records: readonly BillingRecord[],
  until: number,
): BillingDifference {
  const byId = new Map(
    rows.flatMap((row) => (row.providerId === null ? [] : [[row.providerId as string, row] as const])),
  )
  const ours = records.filter((record) => byId.has(record.podId))
  const billed = ours.reduce((sum, record) => sum + record.totalMicroUsd, 0)
  const ledger = [...byId.values()].reduce((sum, row) => sum + spendOf(row, row.deletedAt ?? until), 0)
  const difference = Math.abs(billed - ledger)
  const ratio = difference === 0 ? 0 : difference / Math.max(billed, ledger)
  return {
    ledgerMicroUsd: microUsd(ledger),
    billedMicroUsd: microUsd(billed),
    ratio,
    isAlarming: ratio > ALARMING_RATIO && difference > NEGLIGIBLE_MICRO_USD,
    unknownPods: [
      ...new Set(records.filter((record) => !byId.has(record.podId)).map((record) => record.podId as string)),
    ],
  }
}

/** What a pod cost that no row stands for any more, from what the list says of it. */
export function strayCost(
  pod: { readonly createdAt: number; readonly microUsdPerHour: MicroUsd },
  now: number,
): MicroUsd {
  return pod.createdAt === 0 ? microUsd(0) : costOf(pod.microUsdPerHour, now - pod.createdAt)
}
