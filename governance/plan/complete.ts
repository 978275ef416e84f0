import { describeVersion, folderOf, type PlanMoveResult } from './bump.ts'
import { isSettled, type Plan, type Task } from './plan.ts'
import { renderTask } from './render.ts'
import { formatVersion, nextVersion, type PlanVersion, planFileName } from './version.ts'

/**
 * Moves the active plan to the archive and begins the next one, because exactly one plan is active at any time. Deferred tasks are
 * carried over. Refused while a task is neither done nor deferred.
 */
export function completePlan(plan: Plan, next: { readonly title: string; readonly today: string }): PlanMoveResult {
  const open = plan.tasks.filter((task) => !isSettled(task))
  if (plan.version === null)
    return { ok: false, problem: `${plan.path} names no version; rename it to plan_vX.Y.md first` }
  if (open.length > 0) {
    const names = open.slice(0, 5).map((task) => task.id ?? `"${task.text}"`)
    const more = open.length > 5 ? ` and ${open.length - 5} more` : ''
    return {
      ok: false,
      problem: `${plan.path} (${describeVersion(plan.version)}) still has open tasks: ${names.join(', ')}${more}; tick them or write {deferred: reason} behind them`,
    }
  }
  const folder = folderOf(plan.path)
  const archive = folder.replace(/active\/$/u, 'completed/')
  const version = nextVersion(plan.version, 'replace')
  const carried = plan.tasks.filter((task) => task.deferred !== null && !task.done)
  return {
    ok: true,
    moves: [{ from: plan.path, to: `${archive}${plan.path.slice(folder.length)}` }],
    writes: [{ path: `${folder}${planFileName(version)}`, text: newPlanText({ ...next, version, carried }) }],
    version,
  }
}

/** The text of a plan that begins: title, date, one phase, and tasks carried over from the plan before. */
export function newPlanText(plan: {
  readonly title: string
  readonly version: PlanVersion
  readonly today: string
  readonly carried?: readonly Task[]
}): string {
  const carried = (plan.carried ?? []).map((task) => {
    const braces = { ...task.place.braces, deferred: null }
    return `- ${renderTask({ ...task, done: false, evidence: [], place: { ...task.place, braces } })}`
  })
  const tasks = carried.length > 0 ? carried : ['- [ ] T-1 Say what the first task is {paths: src/**}']
  return [
    `# ${plan.title.replaceAll(/\s+/gu, ' ').trim()} — Plan v${formatVersion(plan.version)} (${plan.today})`,
    '',
    '## Phase 1 – Begin',
    '',
    ...tasks,
    '',
  ].join('\n')
}
