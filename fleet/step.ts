import type { PodId } from '../ports/ids.ts'
import { costOf, type MicroUsd } from '../ports/money.ts'
import type { PodRow } from '../ports/store.ts'
import { NEVER_APPEARED, VANISHED } from './end-reasons.ts'
import type { Observation } from './observation.ts'
import { ownEndOf } from './own-end.ts'
import { endOf } from './step-end.ts'
import { absencePatch, birthOf, progressPatch, rateOf } from './step-progress.ts'
import { ownEndPatch, stepTerminating, terminate } from './step-terminating.ts'
import type { FleetTimings } from './timings.ts'

export type FleetAction =
  /** `isFresh`: no DELETE has been sent since the pod was last seen, so this one dates its end. */
  | { readonly kind: 'delete'; readonly providerId: PodId; readonly isFresh: boolean }
  | { readonly kind: 'settle'; readonly microUsd: MicroUsd; readonly reason: string }
  | { readonly kind: 'boot-failed'; readonly reason: string }

export interface StepResult {
  readonly patch: Partial<PodRow>
  readonly actions: readonly FleetAction[]
}

const NOTHING: StepResult = { patch: {}, actions: [] }

/**
 * What follows for one pod from what is seen now. Total over the states and free of effects: the same row and observation give the
 * same answer, so a loop that died between two writes goes on from the row alone.
 */
export function step(row: PodRow, seen: Observation, now: number, timings: FleetTimings): StepResult {
  switch (row.state) {
    case 'gone':
    case 'rejected':
      return NOTHING
    case 'intent':
      return stepIntent(row, seen, now, timings)
    case 'terminating':
      return stepTerminating(row, seen, timings)
    case 'lost':
      return terminate(row, now, row.endReason ?? 'lost')
    case 'creating':
    case 'booting':
    case 'warming':
    case 'ready':
    case 'busy':
    case 'draining':
      return stepLive(row, seen, now, timings)
  }
}

/** Between the wish and the knowledge whether a pod exists. */
function stepIntent(row: PodRow, seen: Observation, now: number, timings: FleetTimings): StepResult {
  // The POST leaves only after `attemptedAt` is committed: without it nothing can exist.
  if (row.attemptedAt === null) return reject(row, now, 'never sent')
  if (seen.refusal !== null) return reject(row, now, seen.refusal)
  const { sighting } = seen
  if (sighting.kind === 'present') {
    return {
      patch: {
        state: 'creating',
        providerId: sighting.pod.id,
        ...birthOf(row, sighting.pod, Math.max(now, sighting.startedAt)),
        ...rateOf(row, sighting.pod),
      },
      actions: [],
    }
  }
  const isSettled = sighting.kind === 'absent' && sighting.startedAt >= row.attemptedAt + timings.settleMs
  // Nothing is settled: should it rise late after all, the sweep ends it and writes what it cost.
  return isSettled
    ? { patch: { state: 'rejected', goneAt: now, endReason: row.endReason ?? NEVER_APPEARED }, actions: [] }
    : NOTHING
}

/** A pod that exists as far as is known. Ends come first; only then it may move on. */
function stepLive(row: PodRow, seen: Observation, now: number, timings: FleetTimings): StepResult {
  const end = endOf(row, seen, now, timings)
  const ownEnd = end?.reason === VANISHED ? vanishedPatch(row, seen) : ownEndPatch(row, seen)
  if (end?.how === 'lost')
    return { patch: { ...ownEnd, state: 'lost', endReason: row.endReason ?? end.reason }, actions: [] }
  if (end?.how === 'boot-failed') {
    const { patch, actions } = terminate(row, now, end.reason)
    return { patch: { ...ownEnd, ...patch }, actions: [...actions, { kind: 'boot-failed', reason: end.reason }] }
  }
  if (end?.how === 'terminate') return terminate(row, now, end.reason)
  if (end?.how === 'drain' && row.state !== 'draining') {
    return seen.holds === 0 ? terminate(row, now, end.reason) : drain(row, now, end.reason)
  }
  return { patch: { ...absencePatch(row, seen), ...progressPatch(row, seen, now) }, actions: [] }
}

function vanishedPatch(row: PodRow, { life }: Observation): Partial<PodRow> {
  return row.absentSince === null ? {} : { ownEndAt: ownEndOf(row, life, row.absentSince) }
}

function drain(row: PodRow, now: number, reason: string): StepResult {
  return { patch: { state: 'draining', drainAt: row.drainAt ?? now, endReason: row.endReason ?? reason }, actions: [] }
}

function reject(row: PodRow, now: number, reason: string): StepResult {
  return {
    patch: { state: 'rejected', goneAt: now, endReason: row.endReason ?? reason },
    actions: [{ kind: 'settle', microUsd: costOf(row.microUsdPerHour, 0), reason }],
  }
}
