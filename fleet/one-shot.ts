import type { Engines } from '../ports/model.ts'
import type { PodRow } from '../ports/store.ts'
import { FleetEngines } from './engines.ts'
import type { FleetParts } from './parts.ts'
import type { FleetPolicy } from './policy.ts'
import { reconcile } from './reconcile.ts'
import { requestStop } from './requests.ts'
import { Wake } from './wake.ts'

export interface OneShotEnd<T> {
  readonly value: T
  /** Every pod of this run, as it ended. */
  readonly pods: readonly PodRow[]
  /** False when the time for the proof was up; the guard and `devloop pods reap` remain. */
  readonly isProvenGone: boolean
}

/**
 * Engines for work in one process without a database: what it rents is given back at once when it is over, however it ends. `proveMs`
 * bounds the wait for the proof.
 */
export async function withOneShotEngines<T>(
  parts: FleetParts,
  policy: FleetPolicy,
  work: (engines: Engines) => Promise<T>,
  options: { readonly proveMs: number },
): Promise<OneShotEnd<T>> {
  const own: FleetPolicy = { ...policy, maxPods: 1, idle: { ...policy.idle, kind: 'immediate' } }
  const startedAt = parts.clock.now()
  const over = new AbortController()
  const loop = reconcile(parts, own, over.signal)
  try {
    const value = await work(new FleetEngines(parts, own))
    const isProvenGone = await giveBack(parts, options.proveMs)
    return { value, pods: await parts.store.pods.listSince(startedAt), isProvenGone }
  } catch (error) {
    await giveBack(parts, options.proveMs)
    throw error
  } finally {
    over.abort(new Error('the run is over'))
    await loop
  }
}

/** Ends what this run rented and waits for the proof; true when nothing is left. */
async function giveBack(parts: FleetParts, proveMs: number): Promise<boolean> {
  const { store, clock } = parts
  await requestStop(parts, { force: true, reason: 'the run is over' })
  const until = clock.now() + proveMs
  const wake = new Wake()
  const stopListening = store.listen('pods', () => wake.ring())
  const bound = new AbortController()
  try {
    for (;;) {
      const live = await store.pods.listLive()
      if (live.length === 0) return true
      const leftMs = until - clock.now()
      if (leftMs <= 0) return false
      await wake.wait(leftMs, clock, bound.signal)
    }
  } finally {
    stopListening()
  }
}
