import type { PhaseState, Plan, Splice } from './plan.ts'
import { applySplices } from './splice.ts'
import { findState, withState } from './state-marks.ts'
import { formatVersion, type PlanVersion } from './version.ts'

export interface PlanEdit {
  readonly version?: PlanVersion
  /** YYYY-MM-DD. */
  readonly date?: string
  /** Box states by task id. */
  readonly ticks?: ReadonlyMap<string, boolean>
  /** New states of phases by number; only marks that are there are changed. */
  readonly marks?: ReadonlyMap<number, PhaseState>
}

/** The text of the plan with these values written at their places and nothing else touched. */
export function editPlan(plan: Plan, edit: PlanEdit): string {
  const splices = [
    ...versionSplices(plan, edit),
    ...dateSplices(plan, edit),
    ...tickSplices(plan, edit),
    ...markSplices(plan, edit),
  ]
  return applySplices(plan.source, splices)
}

function versionSplices(plan: Plan, { version }: PlanEdit): Splice[] {
  if (version === undefined) return []
  const text = formatVersion(version)
  return plan.versionPlaces.map(({ by, start, end }) => {
    const quote = /^["']/u.exec(plan.source.slice(start, end))?.[0] ?? ''
    return { start, end, text: by === 'title' ? `v${text}` : `${quote}${text}${quote}` }
  })
}

function dateSplices(plan: Plan, { date }: PlanEdit): Splice[] {
  return date === undefined ? [] : plan.datePlaces.map(({ start, end }) => ({ start, end, text: date }))
}

function tickSplices(plan: Plan, { ticks }: PlanEdit): Splice[] {
  return plan.tasks.flatMap(({ id, place }) => {
    const done = id === null ? undefined : ticks?.get(id)
    const { start } = place.range
    return done === undefined ? [] : [{ start: start + 1, end: start + 2, text: done ? 'x' : ' ' }]
  })
}

function markSplices(plan: Plan, { marks }: PlanEdit): Splice[] {
  if (marks === undefined || marks.size === 0) return []
  const starts = lineStarts(plan.source)
  return plan.phases.flatMap((phase) => {
    const state = marks.get(phase.number)
    if (state === undefined) return []
    return phase.lines.flatMap((line) => {
      const start = starts[line - 1] ?? 0
      const end = (starts[line] ?? plan.source.length + 1) - 1
      const text = plan.source.slice(start, end)
      return findState(text) === null ? [] : [{ start, end, text: withState(text, state) }]
    })
  })
}

function lineStarts(source: string): number[] {
  return [0, ...[...source.matchAll(/\n/gu)].map((match) => match.index + 1)]
}
