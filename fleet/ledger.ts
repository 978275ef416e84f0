import { costOf, type MicroUsd, microUsd } from '../ports/money.ts'
import type { PodRow } from '../ports/store.ts'

/** What a pod has cost until `at`. Counted from the POST, not from RUNNING: the provider bills while it still boots. */
export function spendOf(row: PodRow, at: number): MicroUsd {
  return row.attemptedAt === null ? microUsd(0) : costOf(row.microUsdPerHour, at - row.attemptedAt)
}

/** What may at most come of a pod: its rate until its deadline. */
export function reservationOf(microUsdPerHour: MicroUsd, lifetimeMs: number): MicroUsd {
  return costOf(microUsdPerHour, lifetimeMs)
}

/** What a pod cost that no row stands for any more, from what the list says of it. */
export function strayCost(
  pod: { readonly createdAt: number; readonly microUsdPerHour: MicroUsd },
  now: number,
): MicroUsd {
  return pod.createdAt === 0 ? microUsd(0) : costOf(pod.microUsdPerHour, now - pod.createdAt)
}
