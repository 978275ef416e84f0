import { z } from 'zod'
import { formatUsd } from '../ports/money.ts'
import { type BillingDifference, compareWithBilling } from './ledger.ts'
import type { FleetParts } from './parts.ts'

const FACT_KEY = 'fleet/billing'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Bills are late, and their buckets are hours. */
const LAG_MS = 2 * HOUR_MS

const checked = z.object({ at: z.number() })

/** Once a day: what the provider billed for pods that have come and gone, against what we think. An alarming difference is logged and kept. */
export async function checkBilling(
  { store, market, clock, log }: Pick<FleetParts, 'store' | 'market' | 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<BillingDifference | undefined> {
  const now = clock.now()
  const last = checked.safeParse(await store.facts.get(FACT_KEY))
  if (market === null || (last.success && now - last.data.at < DAY_MS)) return undefined
  const to = Math.floor((now - LAG_MS) / HOUR_MS) * HOUR_MS
  const from = to - DAY_MS
  const rows = (await store.pods.listSince(from)).filter(
    (row) => row.providerId !== null && row.state === 'gone' && (row.deletedAt ?? Number.POSITIVE_INFINITY) < to,
  )
  const records = rows.length === 0 ? [] : await market.billing({ from, to }, signal)
  const difference = compareWithBilling(rows, records, to)
  await store.facts.set(FACT_KEY, {
    at: now,
    ratio: difference.ratio,
    isAlarming: difference.isAlarming,
    ledgerMicroUsd: difference.ledgerMicroUsd,
    billedMicroUsd: difference.billedMicroUsd,
    unknownPods: difference.unknownPods,
  })
  if (difference.isAlarming) {
    const facts = {
      ledger: formatUsd(difference.ledgerMicroUsd),
      billed: formatUsd(difference.billedMicroUsd),
      pods: rows.length,
    }
    log.error(
      facts,
      'The ledger and the bill of the last day are more than 5 % apart: look for pods that DevLoop did not rent',
    )
  }
  return difference
}
