import type { PodRow } from '../ports/store.ts'
import { EXITED, VANISHED } from './end-reasons.ts'
import type { GuardView, Observation } from './observation.ts'
import type { FleetTimings } from './timings.ts'

export interface End {
  readonly how: 'lost' | 'boot-failed' | 'terminate' | 'drain'
  readonly reason: string
}

/** What ends a pod that exists, if anything does: the provider's facts first, then what was asked for, then its own course. */
export function endOf(row: PodRow, seen: Observation, now: number, timings: FleetTimings): End | undefined {
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

export function inFlightOf(guard: GuardView): number {
  return guard.kind === 'answered' ? guard.status.inFlight : 0
}

/** Absent from two lists far enough apart, once it is too old to be merely unknown to the list yet. */
function isVanished(row: PodRow, { sighting }: Observation, timings: FleetTimings): boolean {
  if (sighting.kind !== 'absent' || row.absentSince === null) return false
  const isOld = sighting.startedAt >= (row.attemptedAt ?? row.intentAt) + timings.youngMs
  return isOld && sighting.startedAt >= row.absentSince + timings.absenceMs
}
