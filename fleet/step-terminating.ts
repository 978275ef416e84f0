import type { PodRow } from '../ports/store.ts'
import { VANISHED } from './end-reasons.ts'
import { spendOf } from './ledger.ts'
import type { Observation } from './observation.ts'
import { ownEndOf, paidUntil } from './own-end.ts'
import type { FleetAction, StepResult } from './step.ts'
import type { FleetTimings } from './timings.ts'

/** The way out: from here on the pod is told to end until it is proven gone. */
export function terminate(row: PodRow, now: number, reason: string): StepResult {
  return {
    patch: {
      state: 'terminating',
      terminateAt: row.terminateAt ?? now,
      // A pod that is no more needs its end proved, not dated.
      deletedAt: row.deletedAt ?? (row.endReason === VANISHED ? row.absentSince : null),
      absentSince: null,
      endReason: row.endReason ?? reason,
    },
    actions: deletion(row, row.endReason !== VANISHED || row.absentSince === null),
  }
}

/** DELETE again until one was answered and two lists, far enough apart and both after it, no longer show the pod. */
export function stepTerminating(row: PodRow, seen: Observation, timings: FleetTimings): StepResult {
  const { sighting, isDeleteAnswered } = seen
  const { deletedAt } = row
  const ownEnd = ownEndPatch(row, seen)
  if (deletedAt === null) return { patch: ownEnd, actions: deletion(row, true) }
  const again = isDeleteAnswered ? [] : deletion(row, false)
  if (sighting.kind === 'unknown' || sighting.startedAt <= deletedAt) return { patch: ownEnd, actions: again }
  // A terminated pod may stay in the list for a while; the provider's word for it is as good as absence.
  if (sighting.kind === 'present' && sighting.pod.status !== 'TERMINATED') {
    // Lists lag: only one that is late enough shows that the DELETE changed nothing, and that the pod was paid for until now.
    const isAlive = sighting.startedAt >= deletedAt + timings.absenceMs
    const back = row.absentSince === null ? {} : { absentSince: null }
    return { patch: { ...ownEnd, ...back }, actions: deletion(row, isAlive) }
  }
  if (row.absentSince === null) return { patch: { ...ownEnd, absentSince: sighting.startedAt }, actions: again }
  if (!isDeleteAnswered || sighting.startedAt < row.absentSince + timings.absenceMs)
    return { patch: ownEnd, actions: again }
  return {
    patch: { state: 'gone', goneAt: sighting.startedAt },
    actions: [
      {
        kind: 'settle',
        microUsd: spendOf(row, paidUntil(row, deletedAt, timings.youngMs)),
        reason: row.endReason ?? 'ended',
      },
    ],
  }
}

/** An exit that a list shows is the pod's own; a pod that is seen to run has none, whatever was thought before. */
export function ownEndPatch(row: PodRow, { sighting, life }: Observation): Partial<PodRow> {
  if (sighting.kind !== 'present') return {}
  const { startedAt, pod } = sighting
  // ERROR is no end: such a pod is paid for until it is deleted. TERMINATED after a DELETE is the DELETE's.
  const hasEnded = pod.status === 'EXITED' || (pod.status === 'TERMINATED' && row.deletedAt === null)
  if (hasEnded) return row.ownEndAt === null ? { ownEndAt: ownEndOf(row, life, startedAt) } : {}
  return pod.status !== 'TERMINATED' && row.ownEndAt !== null && startedAt > row.ownEndAt ? { ownEndAt: null } : {}
}

function deletion(row: PodRow, isFresh: boolean): readonly FleetAction[] {
  return row.providerId === null ? [] : [{ kind: 'delete', providerId: row.providerId, isFresh }]
}
