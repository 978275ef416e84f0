import type { PodRow } from '../ports/store.ts'
import { NEVER_APPEARED } from './end-reasons.ts'
import type { FleetParts } from './parts.ts'
import type { RentOutcome } from './rent-outcome.ts'

const HOUR_MS = 3_600_000

/** Pods that never serve stop the renting for a while: a storm of creates and terminates pays for nothing. */
export async function createCap(
  { store, clock, log }: Pick<FleetParts, 'store' | 'clock' | 'log'>,
  maxCreatesPerHour: number,
): Promise<RentOutcome | undefined> {
  const recent = await store.pods.listSince(clock.now() - HOUR_MS)
  const wasted = recent.filter((row) => row.readyAt === null && isWasted(row))
  if (wasted.length < maxCreatesPerHour) return undefined
  const until = Math.min(...wasted.map((row) => row.intentAt)) + HOUR_MS
  log.error({ wasted: wasted.length }, 'Too many pods never served within an hour; none is rented for now')
  return {
    kind: 'wait',
    note: `${wasted.length} pods never served within an hour; next try at ${new Date(until).toISOString()}.`,
    until,
  }
}

/** A pod that was made, or may have been, and never served. */
function isWasted(row: PodRow): boolean {
  return (
    row.attemptedAt !== null && row.endReason !== null && (row.providerId !== null || row.endReason === NEVER_APPEARED)
  )
}
