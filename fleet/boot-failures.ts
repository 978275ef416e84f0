import type { PodRow } from '../ports/store.ts'
import { BOOT_FAILED_PREFIX } from './end-reasons.ts'
import type { FleetParts } from './parts.ts'
import { modelRefusal } from './refusal.ts'
import { refuseDemands } from './refuse-demands.ts'

/** A model that no pod will serve is told at once; a bad pod only after `maxBoots` in a row. */
export async function tellOfBoot(parts: FleetParts, maxBoots: number, row: PodRow, reason: string): Promise<void> {
  const { store, clock } = parts
  const now = clock.now()
  const waiting = (await store.demands.list()).filter((demand) => demand.model === row.model && demand.refused === null)
  const oldest = Math.min(now, ...waiting.map((demand) => demand.createdAt))
  const failed = (await store.pods.listSince(oldest)).filter(
    (other) => other.model === row.model && other.endReason?.startsWith(BOOT_FAILED_PREFIX) === true,
  )
  const refusal =
    modelRefusal(row.model, reason) ??
    (failed.length >= maxBoots
      ? {
          code: 'not-ready',
          message: `${failed.length} pods in a row did not come up; the last one: ${reason}.`,
          remedy: 'Try again later, or choose another GPU.',
        }
      : undefined)
  if (refusal !== undefined) await refuseDemands(parts, waiting, refusal)
}
