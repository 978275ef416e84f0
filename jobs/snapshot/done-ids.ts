import { parsePlan } from '../../governance/plan/parse.ts'
import type { Part, PlanSide } from '../../governance/snapshot.ts'

/** Ids of the tasks whose boxes are ticked at head and were not before. */
export function newlyDoneIds(before: Part<PlanSide>, head: Part<PlanSide>): readonly string[] {
  if ('seen' in before && 'seen' in head && isSameText(before.seen, head.seen)) return []
  const done = doneIds(before)
  return doneIds(head).filter((id) => !done.includes(id))
}

function doneIds(side: Part<PlanSide>): readonly string[] {
  if ('unseen' in side) return []
  return Object.entries(side.seen.texts).flatMap(([path, text]) =>
    parsePlan(text, path).tasks.flatMap(({ id, done }) => (id !== null && done ? [id] : [])),
  )
}

function isSameText(a: PlanSide, b: PlanSide): boolean {
  return JSON.stringify(a.texts) === JSON.stringify(b.texts)
}
