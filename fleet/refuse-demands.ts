import type { DemandRow } from '../ports/store.ts'
import type { FleetParts } from './parts.ts'
import type { Refusal } from './refusal.ts'

/** Tells those who wait that they wait in vain, and why. */
export async function refuseDemands(
  { store, log }: Pick<FleetParts, 'store' | 'log'>,
  demands: readonly DemandRow[],
  refusal: Refusal,
): Promise<void> {
  const open = demands.filter((demand) => demand.refused === null)
  if (open.length === 0) return
  log.warn({ code: refusal.code, jobs: open.length }, `No pod: ${refusal.message}`)
  await Promise.all(open.map((demand) => store.demands.patch(demand.jobId, { refused: { ...refusal } })))
  await store.notify('demand')
}
