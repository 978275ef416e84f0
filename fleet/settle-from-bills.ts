import { z } from 'zod'
import type { PodId, PodName } from '../ports/ids.ts'
import { type MicroUsd, microUsd } from '../ports/money.ts'
import type { PodMarket } from '../ports/pods.ts'
import type { FleetParts } from './parts.ts'
import type { Term } from './term.ts'
import type { FleetTimings } from './timings.ts'

const READINGS_KEY = 'fleet/bill-readings'
const HOUR_MS = 3_600_000
/** The provider allows 60 calls a minute, and lists need their share. */
const MOST_PER_LOOK = 20

const readings = z.record(z.string(), z.object({ microUsd: z.number().int().transform(microUsd), readAt: z.number() }))
type Readings = z.infer<typeof readings>

interface Billable {
  readonly name: PodName
  readonly podId: PodId
  readonly bornAt: number
}

/**
 * Gives settled pods the amount that the provider billed, which alone knows when a pod ended by itself or by a DELETE whose answer was
 * lost. Bills come late and grow: an amount counts when two readings, far enough apart, agree. Pods whose bill does not come within
 * `billGiveUpMs` stay settled by the clock. Answers how many got theirs.
 */
export async function settleFromBills(
  parts: Pick<FleetParts, 'store' | 'market' | 'clock' | 'journal' | 'checkpoint'>,
  timings: Pick<FleetTimings, 'billAfterMs' | 'billAgainMs' | 'billGiveUpMs'>,
  term: Pick<Term, 'fence' | 'signal'>,
): Promise<number> {
  const { store, market, clock, journal, checkpoint } = parts
  if (market === null) return 0
  const now = clock.now()
  const open = await openPods(parts, now - timings.billGiveUpMs, now - timings.billAfterMs)
  const before = readings.catch({}).parse((await store.facts.get(READINGS_KEY)) ?? {})
  if (open.length === 0 && Object.keys(before).length === 0) return 0
  const after = new Map(Object.entries(before).filter(([name]) => open.some((pod) => pod.name === name)))
  const due = open
    .filter(({ name }) => now - (before[name]?.readAt ?? Number.NEGATIVE_INFINITY) >= timings.billAgainMs)
    .toSorted((a, b) => (before[a.name]?.readAt ?? 0) - (before[b.name]?.readAt ?? 0))
    .slice(0, MOST_PER_LOOK)
  let settled = 0
  try {
    for (const pod of due) {
      const billed = await billOf(market, pod, now, term.signal)
      if (billed > 0 && before[pod.name]?.microUsd === billed) {
        await checkpoint?.('bill:before')
        await store.ledger.write({ podName: pod.name, kind: 'bill', microUsd: billed, at: now }, term.fence)
        await checkpoint?.('bill:after')
        await journal.append({ kind: 'bill', at: now, podName: pod.name, microUsd: billed })
        after.delete(pod.name)
        settled += 1
      } else after.set(pod.name, { microUsd: billed, readAt: now })
    }
  } finally {
    const kept: Readings = Object.fromEntries(after)
    await store.facts.set(READINGS_KEY, kept)
  }
  return settled
}

/** Settled by the clock alone, old enough to have a bill, and known to the provider. */
async function openPods(
  { store }: Pick<FleetParts, 'store'>,
  since: number,
  until: number,
): Promise<readonly Billable[]> {
  const settlements = await store.ledger.settlements(since)
  const open = settlements.filter(({ billMicroUsd, at }) => billMicroUsd === null && at <= until)
  const rows = await Promise.all(open.map(({ podName }) => store.pods.find(podName)))
  return rows.flatMap((row) => {
    if (row === undefined || row.providerId === null) return []
    return { name: row.name, podId: row.providerId, bornAt: row.attemptedAt ?? row.intentAt }
  })
}

/** The sum of all its buckets: a life that crosses the hour lies in several. */
async function billOf(market: PodMarket, pod: Billable, now: number, signal: AbortSignal): Promise<MicroUsd> {
  // Our clock and the provider's may differ: the hour before the birth belongs to no other life of this pod.
  const from = Math.floor(pod.bornAt / HOUR_MS - 1) * HOUR_MS
  const records = await market.billing({ from, to: now, podId: pod.podId }, signal)
  const own = records.filter((record) => record.podId === pod.podId)
  return microUsd(own.reduce((sum, record) => sum + record.totalMicroUsd, 0))
}
