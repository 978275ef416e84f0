import type { PodRow } from '../ports/store.ts'
import type { SignsOfLife } from './observation.ts'

/**
 * When a pod stopped costing that ended by itself: half-way between the last proof of its life and the first sign of its end, which is
 * off by half that gap at most and by nothing on average. `noticedAt` is when its end was seen at the latest.
 */
export function ownEndOf(row: PodRow, life: SignsOfLife, noticedAt: number): number {
  const stamps = [row.attemptedAt ?? row.intentAt, row.runningAt, row.readyAt, row.lastUseAt, life.aliveAt]
  const aliveAt = Math.max(...stamps.map((at) => at ?? 0))
  const isSilent = life.silentAt !== null && life.silentAt >= aliveAt
  const overAt = Math.min(noticedAt, isSilent ? (life.silentAt ?? noticedAt) : noticedAt)
  return overAt <= aliveAt ? Math.min(aliveAt, noticedAt) : Math.round((aliveAt + overAt) / 2)
}

/** Until when a pod whose absence is proven has cost: the first of all that is known to have ended it. */
export function paidUntil(row: PodRow, deletedAt: number, youngMs: number): number {
  const absentSince = hasProvenAbsence(row, youngMs) ? row.absentSince : null
  return Math.min(deletedAt, row.ownEndAt ?? deletedAt, absentSince ?? deletedAt)
}

/** Whether a list that lacked it says anything: a young pod may stand in none yet. */
export function hasProvenAbsence(row: PodRow, youngMs: number): boolean {
  return row.absentSince !== null && row.absentSince >= (row.attemptedAt ?? row.intentAt) + youngMs
}
