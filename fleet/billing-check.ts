import { z } from 'zod'
import { formatUsd, type MicroUsd } from '../ports/money.ts'
import type { Store } from '../ports/store.ts'
import { type BillingDifference, compareBills } from './compare-bills.ts'
import type { FleetParts } from './parts.ts'

const FACT_KEY = 'fleet/billing'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Bills are late, and their buckets are hours. */
const LAG_MS = 2 * HOUR_MS

const checked = z.object({ at: z.number() })

/**
 * Once a day: what the provider billed for pods that have come and gone, against what our clock says; never against what was settled from
 * that very bill. An alarming difference is logged and kept.
 */
export async function checkBilling(
  { store, market, clock, log }: Pick<FleetParts, 'store' | 'market' | 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<BillingDifference | undefined> {
  const now = clock.now()
  const last = checked.safeParse(await store.facts.get(FACT_KEY))
  if (market === null || (last.success && now - last.data.at < DAY_MS)) return undefined
  const to = Math.floor((now - LAG_MS) / HOUR_MS) * HOUR_MS
  const from = to - DAY_MS
  const { byClock, known } = await ownPods(store, from, to)
  const records = byClock.size === 0 ? [] : await market.billing({ from, to }, signal)
  const difference = compareBills(byClock, records, known)
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
      pods: byClock.size,
    }
    log.error(
      facts,
      'The ledger and the bill of the last day are more than 5 % apart: look for pods that DevLoop did not rent',
    )
  }
  return difference
}

interface OwnPods {
  /** What the clock says of pods whose whole life lies in the period, by the provider's id. */
  readonly byClock: ReadonlyMap<string, MicroUsd>
  /** All that can have been billed in the period. */
  readonly known: ReadonlySet<string>
}

async function ownPods(store: Store, from: number, to: number): Promise<OwnPods> {
  const [rows, settlements] = await Promise.all([store.pods.listSince(from - DAY_MS), store.ledger.settlements(from)])
  const amounts = new Map(settlements.filter(({ at }) => at < to).map((entry) => [entry.podName, entry.clockMicroUsd]))
  const byClock = new Map<string, MicroUsd>()
  for (const row of rows) {
    const amount = row.intentAt >= from ? amounts.get(row.name) : undefined
    if (row.providerId !== null && amount !== undefined) byClock.set(row.providerId, amount)
  }
  return { byClock, known: new Set(rows.flatMap((row) => row.providerId ?? [])) }
}
