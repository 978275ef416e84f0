import { diffPlans, type PlanDiff } from './diff.ts'
import { editPlan } from './edit.ts'
import type { PhaseState, Plan } from './plan.ts'
import { formatVersion, nextVersion, type PlanVersion, planFileName } from './version.ts'

/** What must happen on disk. Moves come before writes; paths are relative to the repository. */
export interface PlanMove {
  readonly moves: readonly { readonly from: string; readonly to: string }[]
  readonly writes: readonly { readonly path: string; readonly text: string }[]
  readonly version: PlanVersion
}

export type PlanMoveResult = ({ readonly ok: true } & PlanMove) | { readonly ok: false; readonly problem: string }

export type BumpStep = 'edit' | 'phase' | 'replace'

/** Raises the version by one step: in the file name, the title and the front matter, with the date. `today` is YYYY-MM-DD. */
export function bumpPlan(plan: Plan, step: BumpStep, today: string): PlanMoveResult {
  if (plan.version === null) {
    return { ok: false, problem: `${plan.path} names no version; rename it to plan_vX.Y.md, for example plan_v0.1.md` }
  }
  if (
    step === 'phase' &&
    plan.phases.length > 0 &&
    !plan.phases.some((phase) => phase.state === 'done') &&
    !hasMarkedCurrent(plan)
  ) {
    return {
      ok: false,
      problem: `${plan.path} has no finished phase; tick the last task of one, then raise the minor version`,
    }
  }
  const version = nextVersion(plan.version, step)
  const to = `${folderOf(plan.path)}${planFileName(version)}`
  const text = editPlan(plan, { version, date: today, marks: step === 'phase' ? marksAfterPhase(plan) : new Map() })
  return { ok: true, moves: plan.path === to ? [] : [{ from: plan.path, to }], writes: [{ path: to, text }], version }
}

/** The step that leads from `base` to `head` as they differ; null when neither content nor phases changed. */
export function suggestStep(base: Plan, head: Plan): BumpStep | null {
  const diff = diffPlans(base, head)
  if (isReplacement(base, diff)) return 'replace'
  if (diff.phases.closed.length > 0) return 'phase'
  return diff.contentChanged ? 'edit' : null
}

/** True when no phase of the base is left: that is another plan, and it needs a new major version. */
export function isReplacement(base: Plan, diff: PlanDiff): boolean {
  return base.phases.length > 0 && diff.phases.removed.length === base.phases.length
}

function hasMarkedCurrent(plan: Plan): boolean {
  return plan.phases.some((phase) => phase.state === 'current' && phase.tasks.length === 0)
}

/** A current phase without tasks is closed by the step itself; marks of phases with tasks follow their tasks. */
function marksAfterPhase(plan: Plan): ReadonlyMap<number, PhaseState> {
  const current = plan.phases.find((phase) => phase.state === 'current')
  const closes = current !== undefined && current.tasks.length === 0
  const open = plan.phases.filter((phase) => phase.state !== 'done' && !(closes && phase === current))
  return new Map(
    plan.phases.map((phase) => {
      if (!open.includes(phase)) return [phase.number, 'done'] as const
      return [phase.number, phase === open[0] ? 'current' : 'open'] as const
    }),
  )
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

export function describeVersion(version: PlanVersion | null): string {
  return version === null ? 'no version' : `v${formatVersion(version)}`
}
