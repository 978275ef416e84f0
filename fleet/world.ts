import type { DemandRow, PodRow, Store } from '../ports/store.ts'
import type { FleetParts } from './parts.ts'
import { findStopRequest, hasHint, type StopRequest } from './requests.ts'

/** What one pass of the loop knows of our own side. */
export interface World {
  readonly now: number
  readonly rows: readonly PodRow[]
  readonly demands: readonly DemandRow[]
  /** Those that have not run out. */
  readonly holds: Awaited<ReturnType<Store['slots']['list']>>
  readonly stop: StopRequest | undefined
  readonly isHinted: boolean
}

/** `isAtRest`: there were no pods, and none can have been made since: without a demand there is nothing to read again every second. */
export async function readWorld(
  { store, clock }: Pick<FleetParts, 'store' | 'clock'>,
  isAtRest: boolean,
): Promise<World> {
  const demands = await store.demands.list()
  const rows = isAtRest && demands.length === 0 ? [] : await store.pods.listLive()
  const isAnything = rows.length > 0 || demands.length > 0
  const holds = rows.length > 0 ? await store.slots.list() : []
  const stop = isAnything ? await findStopRequest(store.facts) : undefined
  const now = clock.now()
  const isHinted = rows.some((row) => row.state === 'ready') ? await hasHint(store.facts, now) : false
  return { now, rows, demands, holds: holds.filter((hold) => hold.expiresAt > now), stop, isHinted }
}
