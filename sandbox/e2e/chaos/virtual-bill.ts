import { podId } from '../../../ports/ids.ts'
import { microUsd } from '../../../ports/money.ts'
import type { BillingRange, BillingRecord } from '../../../ports/pods.ts'

const HOUR_MS = 3_600_000

/** One pod's bill in buckets of whole hours, each rounded by itself, as far as the provider has got. */
export function recordsOf(
  pod: { readonly id: string; readonly createdAt: number },
  costUntil: (at: number) => number,
  range: BillingRange,
  known: number,
): readonly BillingRecord[] {
  const records: BillingRecord[] = []
  const to = Math.min(Math.ceil(range.to / HOUR_MS) * HOUR_MS, known)
  for (
    let at = Math.floor(Math.max(range.from, pod.createdAt) / HOUR_MS) * HOUR_MS;
    at < to && known > pod.createdAt;
    at += HOUR_MS
  ) {
    const amount = costUntil(Math.min(at + HOUR_MS, known)) - costUntil(at)
    if (amount <= 0) continue
    const totalMicroUsd = microUsd(Math.round(amount))
    records.push({ podId: podId.parse(pod.id), startTime: at, endTime: at + HOUR_MS, totalMicroUsd })
  }
  return records
}
