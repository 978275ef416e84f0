import { hashPlan, hashProse } from './hash.ts'
import type { Phase, PhaseState, Plan, Task, Tombstone } from './plan.ts'
import { renderScope } from './scope.ts'
import type { PlanVersion } from './version.ts'

export interface TaskEdit {
  readonly id: string
  readonly field: 'text' | 'scope' | 'sub-items'
  readonly from: string
  readonly to: string
}

/** What changed between two states of one plan. Tasks with an id are known by it; boxes without one by their text. */
export interface PlanDiff {
  readonly version: { readonly from: PlanVersion | null; readonly to: PlanVersion | null }
  /** Boxes that changed state, as they are in the second plan. */
  readonly ticks: readonly { readonly task: Task; readonly done: boolean }[]
  readonly edits: readonly TaskEdit[]
  readonly moves: readonly { readonly id: string; readonly from: number; readonly to: number }[]
  readonly added: readonly Task[]
  /** Tasks that are gone, with the tombstone that says why, if there is one. */
  readonly removed: readonly { readonly task: Task; readonly tombstone: Tombstone | null }[]
  /** Same text under another id. */
  readonly renumbered: readonly { readonly from: string; readonly to: string; readonly tombstone: Tombstone | null }[]
  readonly phases: {
    readonly added: readonly Phase[]
    readonly removed: readonly Phase[]
    readonly renamed: readonly { readonly number: number; readonly from: string; readonly to: string }[]
    /** Phases that were not done and are now. */
    readonly closed: readonly Phase[]
    readonly reopened: readonly Phase[]
    readonly states: readonly { readonly number: number; readonly from: PhaseState; readonly to: PhaseState }[]
  }
  readonly proseChanged: boolean
  /** True when the semantic hash differs. */
  readonly contentChanged: boolean
}

const diffs = new WeakMap<Plan, WeakMap<Plan, PlanDiff>>()

export function diffPlans(from: Plan, to: Plan): PlanDiff {
  const known = diffs.get(from)?.get(to)
  if (known) return known
  const diff = computeDiff(from, to)
  const ofFrom = diffs.get(from) ?? new WeakMap<Plan, PlanDiff>()
  ofFrom.set(to, diff)
  diffs.set(from, ofFrom)
  return diff
}

function computeDiff(from: Plan, to: Plan): PlanDiff {
  const before = tasksByKey(from)
  const after = tasksByKey(to)
  const ticks: { task: Task; done: boolean }[] = []
  const edits: TaskEdit[] = []
  const moves: { id: string; from: number; to: number }[] = []
  for (const [key, task] of after) {
    const old = before.get(key)
    if (old === undefined) {
      if (task.done) ticks.push({ task, done: true })
      continue
    }
    if (old.done !== task.done) ticks.push({ task, done: task.done })
    edits.push(...taskEdits(key, old, task))
    if (old.phase !== task.phase) moves.push({ id: key, from: old.phase, to: task.phase })
  }
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, task]) => task)
  const fresh = [...after].filter(([key]) => !before.has(key)).map(([, task]) => task)
  const tombstones = new Map(to.tombstones.map((tombstone) => [tombstone.id, tombstone]))
  const renumbered = findRenumbered(gone, fresh, tombstones)
  const renumberedFrom = new Set(renumbered.map((pair) => pair.from))
  const renumberedTo = new Set(renumbered.map((pair) => pair.to))
  const contentChanged = hashPlan(from) !== hashPlan(to)
  return {
    version: { from: from.version, to: to.version },
    ticks,
    edits,
    moves,
    added: fresh.filter((task) => task.id === null || !renumberedTo.has(task.id)),
    removed: gone
      .filter((task) => task.id === null || !renumberedFrom.has(task.id))
      .map((task) => ({ task, tombstone: (task.id === null ? undefined : tombstones.get(task.id)) ?? null })),
    renumbered,
    phases: diffPhases(from, to),
    proseChanged: contentChanged && hashProse(from) !== hashProse(to),
    contentChanged,
  }
}

function tasksByKey(plan: Plan): Map<string, Task> {
  const byKey = new Map<string, Task>()
  for (const task of plan.tasks) {
    const key = task.id ?? `${task.phase} ${task.text}`
    if (!byKey.has(key)) byKey.set(key, task)
  }
  return byKey
}

function taskEdits(id: string, old: Task, task: Task): TaskEdit[] {
  const edits: TaskEdit[] = []
  const compare = (field: TaskEdit['field'], from: string, to: string) => {
    if (from !== to) edits.push({ id, field, from, to })
  }
  compare('text', old.text, task.text)
  compare(
    'scope',
    renderScope({ ...old, issues: old.place.braces.issues }),
    renderScope({ ...task, issues: task.place.braces.issues }),
  )
  compare('sub-items', subItemText(old), subItemText(task))
  return edits
}

function subItemText(task: Task): string {
  return task.subItems.map((item) => item.text).join('; ')
}

function findRenumbered(
  gone: readonly Task[],
  fresh: readonly Task[],
  tombstones: ReadonlyMap<string, Tombstone>,
): { from: string; to: string; tombstone: Tombstone | null }[] {
  const byText = new Map(fresh.flatMap((task) => (task.id === null ? [] : [[task.text, task.id] as const])))
  return gone.flatMap((task) => {
    if (task.id === null) return []
    const tombstone = tombstones.get(task.id) ?? null
    const to = tombstone === null ? byText.get(task.text) : tombstone.movedTo
    return to === undefined || to === null ? [] : [{ from: task.id, to, tombstone }]
  })
}

function diffPhases(from: Plan, to: Plan): PlanDiff['phases'] {
  const before = new Map(from.phases.map((phase) => [phase.number, phase]))
  const after = new Map(to.phases.map((phase) => [phase.number, phase]))
  const both = to.phases.flatMap((phase) => {
    const old = before.get(phase.number)
    return old === undefined ? [] : [{ old, phase }]
  })
  return {
    added: to.phases.filter((phase) => !before.has(phase.number)),
    removed: from.phases.filter((phase) => !after.has(phase.number)),
    renamed: both
      .filter(({ old, phase }) => old.title !== phase.title)
      .map(({ old, phase }) => ({ number: phase.number, from: old.title, to: phase.title })),
    closed: both.filter(({ old, phase }) => old.state !== 'done' && phase.state === 'done').map(({ phase }) => phase),
    reopened: both.filter(({ old, phase }) => old.state === 'done' && phase.state !== 'done').map(({ phase }) => phase),
    states: both
      .filter(({ old, phase }) => old.state !== phase.state)
      .map(({ old, phase }) => ({ number: phase.number, from: old.state, to: phase.state })),
  }
}
