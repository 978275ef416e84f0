import type { PodId } from '../ports/ids.ts'
import { costOf, type MicroUsd } from '../ports/money.ts'
import type { GuardStatus, ProviderPod } from '../ports/pods.ts'
import type { PodRow } from '../ports/store.ts'
import { spendOf } from './ledger.ts'
import type { FleetTimings } from './timings.ts'

/** The newest list as it concerns one row. `startedAt`: only what happened before it can be proved by it. */
export type Sighting =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'absent'; readonly startedAt: number }
  | { readonly kind: 'present'; readonly startedAt: number; readonly pod: ProviderPod }

export type GuardView =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'silent'; readonly since: number }
  | { readonly kind: 'answered'; readonly status: GuardStatus }

export interface Observation {
  readonly sighting: Sighting
  /** The provider's definite no to the create of this row. */
  readonly refusal: string | null
  readonly guard: GuardView
  /** Whether a DELETE of this pod was answered since it was last seen. */
  readonly isDeleteAnswered: boolean
  /** Calls that hold a slot of this pod. */
  readonly holds: number
  /** Since when nobody waits for this pod's model; null while somebody does. */
  readonly unwantedSince: number | null
  /** Until when the idle policy keeps an idle pod. */
  readonly keepUntil: number
  /** Whether another model is to take this pod's place. */
  readonly makeRoom: boolean
  /** An end asked for from outside, such as `stopped`; `force` does not wait for running calls. */
  readonly endRequest: { readonly reason: string; readonly force: boolean } | null
  readonly maxMicroUsdPerHour: MicroUsd
}

export type FleetAction =
  /** `isFresh`: no DELETE has been sent since the pod was last seen, so this one dates its end. */
  | { readonly kind: 'delete'; readonly providerId: PodId; readonly isFresh: boolean }
  | { readonly kind: 'settle'; readonly microUsd: MicroUsd; readonly reason: string }
  | { readonly kind: 'boot-failed'; readonly reason: string }

export interface StepResult {
  readonly patch: Partial<PodRow>
  readonly actions: readonly FleetAction[]
}

/** The end of a create that was sent and whose pod no list has shown. */
export const NEVER_APPEARED = 'never appeared'

/** The end of a pod whose spending reached a cap: jobs on it fail for that reason. */
export const OVER_BUDGET = 'budget reached'

const EXITED = 'pod exited'
const VANISHED = 'vanished from the list'

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
        ...birthOf(row, sighting.pod, now),
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
  if (end?.how === 'lost') return { patch: { state: 'lost', endReason: row.endReason ?? end.reason }, actions: [] }
  if (end?.how === 'boot-failed') {
    const ended = terminate(row, now, end.reason)
    return { ...ended, actions: [...ended.actions, { kind: 'boot-failed', reason: end.reason }] }
  }
  if (end?.how === 'terminate') return terminate(row, now, end.reason)
  if (end?.how === 'drain' && row.state !== 'draining') {
    return seen.holds === 0 ? terminate(row, now, end.reason) : drain(row, now, end.reason)
  }
  return { patch: { ...absencePatch(row, seen), ...progressPatch(row, seen, now) }, actions: [] }
}

interface End {
  readonly how: 'lost' | 'boot-failed' | 'terminate' | 'drain'
  readonly reason: string
}

function endOf(row: PodRow, seen: Observation, now: number, timings: FleetTimings): End | undefined {
  const pod = seen.sighting.kind === 'present' ? seen.sighting.pod : undefined
  if (now >= row.deadlineAt) return { how: 'terminate', reason: 'deadline' }
  if (pod?.status === 'EXITED' || pod?.status === 'ERROR' || pod?.status === 'TERMINATED') {
    const reason = pod.status === 'EXITED' ? EXITED : `pod ${pod.status.toLowerCase()}`
    return { how: row.readyAt === null ? 'boot-failed' : 'lost', reason }
  }
  if (pod?.status === 'RUNNING' && pod.gpuCount === 0) return { how: 'boot-failed', reason: 'no GPU' }
  if (pod !== undefined && pod.microUsdPerHour > seen.maxMicroUsdPerHour) {
    return { how: 'terminate', reason: 'price above the ceiling' }
  }
  if (isVanished(row, seen, timings)) return { how: 'lost', reason: VANISHED }
  if (seen.endRequest !== null && (seen.endRequest.force || row.readyAt === null)) {
    return { how: 'terminate', reason: seen.endRequest.reason }
  }
  if (row.readyAt === null) return bootEnd(row, seen, now, timings)
  return servingEnd(row, seen, now, timings)
}

function bootEnd(row: PodRow, seen: Observation, now: number, timings: FleetTimings): End | undefined {
  const { guard } = seen
  if (guard.kind === 'answered' && guard.status.phase === 'failed') {
    return { how: 'boot-failed', reason: `guard: ${guard.status.error ?? 'failed'}` }
  }
  if (guard.kind === 'answered' && guard.status.phase === 'ending')
    return { how: 'terminate', reason: 'ended by its guard' }
  if (seen.unwantedSince !== null && now - seen.unwantedSince >= timings.unwantedMs) {
    return { how: 'terminate', reason: 'nobody waits any more' }
  }
  const since = row.attemptedAt ?? row.intentAt
  if (row.runningAt === null) {
    return now >= since + timings.provisionMs ? { how: 'boot-failed', reason: 'not running in time' } : undefined
  }
  if (row.state !== 'warming') {
    return now >= row.runningAt + timings.guardMs ? { how: 'boot-failed', reason: 'guard not up in time' } : undefined
  }
  const modelBy = row.runningAt + timings.guardMs + timings.modelMs
  return now >= modelBy ? { how: 'boot-failed', reason: 'model not ready in time' } : undefined
}

function servingEnd(row: PodRow, seen: Observation, now: number, timings: FleetTimings): End | undefined {
  const { guard } = seen
  if (guard.kind === 'answered' && (guard.status.phase === 'failed' || guard.status.phase === 'ending')) {
    return {
      how: 'lost',
      reason: guard.status.phase === 'failed' ? `guard: ${guard.status.error ?? 'failed'}` : 'ended by its guard',
    }
  }
  if (guard.kind === 'silent' && now - guard.since >= timings.guardSilenceMs)
    return { how: 'lost', reason: 'guard silent' }
  if (row.state === 'draining') {
    const isOver = seen.holds === 0 || now >= (row.drainAt ?? now) + timings.drainMs
    return isOver ? { how: 'terminate', reason: 'drained' } : undefined
  }
  if (seen.endRequest !== null) return { how: 'drain', reason: seen.endRequest.reason }
  if (now >= row.deadlineAt - timings.drainMs) return { how: 'drain', reason: 'deadline near' }
  if (seen.makeRoom) return { how: 'drain', reason: 'another model waits' }
  const isIdle = seen.holds === 0 && seen.unwantedSince !== null && inFlightOf(guard) === 0
  return isIdle && now >= seen.keepUntil ? { how: 'drain', reason: 'idle' } : undefined
}

function inFlightOf(guard: GuardView): number {
  return guard.kind === 'answered' ? guard.status.inFlight : 0
}

/** Absent from two lists far enough apart, once it is too old to be merely unknown to the list yet. */
function isVanished(row: PodRow, { sighting }: Observation, timings: FleetTimings): boolean {
  if (sighting.kind !== 'absent' || row.absentSince === null) return false
  const isOld = sighting.startedAt >= (row.attemptedAt ?? row.intentAt) + timings.youngMs
  return isOld && sighting.startedAt >= row.absentSince + timings.absenceMs
}

function absencePatch(row: PodRow, { sighting }: Observation): Partial<PodRow> {
  if (sighting.kind === 'present') return row.absentSince === null ? {} : { absentSince: null }
  return sighting.kind === 'absent' && row.absentSince === null ? { absentSince: sighting.startedAt } : {}
}

function progressPatch(row: PodRow, seen: Observation, now: number): Partial<PodRow> {
  const pod = seen.sighting.kind === 'present' ? seen.sighting.pod : undefined
  const rate = pod === undefined ? {} : rateOf(row, pod)
  switch (row.state) {
    case 'creating':
    case 'booting':
    case 'warming':
      return { ...rate, ...bootPatch(row, seen, pod, now) }
    case 'ready':
    case 'busy':
      return { ...rate, ...usePatch(row, seen, now) }
    default:
      return rate
  }
}

/** The guard's word counts more than the list's, which lags: a guard that answers runs in a running pod. */
function bootPatch(row: PodRow, { guard }: Observation, pod: ProviderPod | undefined, now: number): Partial<PodRow> {
  if (guard.kind === 'answered') {
    const running = row.runningAt === null ? { runningAt: now } : {}
    if (guard.status.phase === 'ready') {
      return { ...running, state: 'ready', readyAt: now, lastUseAt: now, modelDigest: guard.status.modelDigest }
    }
    return row.state === 'warming' ? running : { ...running, state: 'warming' }
  }
  if (pod?.status === 'RUNNING' && row.runningAt === null) return { state: 'booting', runningAt: now }
  return {}
}

function usePatch(row: PodRow, { guard, holds }: Observation, now: number): Partial<PodRow> {
  if (holds > 0 || inFlightOf(guard) > 0) return row.state === 'busy' ? {} : { state: 'busy', lastUseAt: now }
  if (row.state === 'busy') return { state: 'ready', lastUseAt: now }
  const usedAt = guard.kind === 'answered' ? (guard.status.lastUseAt ?? 0) : 0
  return usedAt > (row.lastUseAt ?? 0) && usedAt <= now ? { lastUseAt: usedAt } : {}
}

/** The bill is made with what the provider shows; 0 (an exited pod, or one not placed yet) is not a price. */
function rateOf(row: PodRow, pod: ProviderPod): Partial<PodRow> {
  const isNews = pod.microUsdPerHour > 0 && pod.microUsdPerHour !== row.microUsdPerHour
  return isNews ? { microUsdPerHour: pod.microUsdPerHour } : {}
}

/** The bill begins with the pod, which a slow create makes seconds after the POST has left; never before the POST. */
function birthOf(row: PodRow, pod: ProviderPod, now: number): Partial<PodRow> {
  const isPlausible = row.attemptedAt !== null && pod.createdAt > row.attemptedAt && pod.createdAt <= now
  return isPlausible ? { attemptedAt: pod.createdAt } : {}
}

function drain(row: PodRow, now: number, reason: string): StepResult {
  return { patch: { state: 'draining', drainAt: row.drainAt ?? now, endReason: row.endReason ?? reason }, actions: [] }
}

function terminate(row: PodRow, now: number, reason: string): StepResult {
  // Absence ends the bill only where it was the reason for the end: a young pod is missing from lists for a while.
  const vanishedAt = row.endReason === VANISHED ? row.absentSince : null
  return {
    patch: {
      state: 'terminating',
      terminateAt: row.terminateAt ?? now,
      deletedAt: row.deletedAt ?? vanishedAt,
      absentSince: null,
      endReason: row.endReason ?? reason,
    },
    actions: deletion(row, vanishedAt === null),
  }
}

function deletion(row: PodRow, isFresh: boolean): readonly FleetAction[] {
  return row.providerId === null ? [] : [{ kind: 'delete', providerId: row.providerId, isFresh }]
}

/** DELETE again until one was answered and two lists, far enough apart and both after it, no longer show the pod. */
function stepTerminating(row: PodRow, { sighting, isDeleteAnswered }: Observation, timings: FleetTimings): StepResult {
  const { deletedAt } = row
  if (deletedAt === null) return { patch: {}, actions: deletion(row, true) }
  const again = isDeleteAnswered ? [] : deletion(row, false)
  if (sighting.kind === 'unknown' || sighting.startedAt <= deletedAt) return { patch: {}, actions: again }
  // A terminated pod may stay in the list for a while; the provider's word for it is as good as absence.
  if (sighting.kind === 'present' && sighting.pod.status !== 'TERMINATED') {
    // Lists lag: only one that is late enough shows that the DELETE changed nothing, and that the pod was paid for until now.
    const isAlive = sighting.startedAt >= deletedAt + timings.absenceMs
    return { patch: row.absentSince === null ? {} : { absentSince: null }, actions: deletion(row, isAlive) }
  }
  if (row.absentSince === null) return { patch: { absentSince: sighting.startedAt }, actions: again }
  if (!isDeleteAnswered || sighting.startedAt < row.absentSince + timings.absenceMs)
    return { patch: {}, actions: again }
  return {
    patch: { state: 'gone', goneAt: sighting.startedAt },
    actions: [{ kind: 'settle', microUsd: spendOf(row, paidUntil(row, deletedAt)), reason: row.endReason ?? 'ended' }],
  }
}

/** A pod that had exited cost nothing from then on, whenever its DELETE was taken. */
function paidUntil(row: PodRow, deletedAt: number): number {
  const hadExited = row.endReason?.endsWith(EXITED) === true
  return hadExited ? Math.min(deletedAt, row.terminateAt ?? deletedAt) : deletedAt
}

function reject(row: PodRow, now: number, reason: string): StepResult {
  return {
    patch: { state: 'rejected', goneAt: now, endReason: row.endReason ?? reason },
    actions: [{ kind: 'settle', microUsd: costOf(row.microUsdPerHour, 0), reason }],
  }
}
