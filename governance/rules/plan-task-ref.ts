import { currentPhase, isSettled, type Task } from '../plan/plan.ts'
import { fail, judgement, pass, type Rule, skip } from '../rule.ts'
import { seen } from '../snapshot.ts'
import { tasksById, type View } from '../view.ts'

export const planTaskRef: Rule = {
  id: 'plan/task-ref',
  reads: ['head', 'branch', 'body', 'files', 'base'],
  evaluate(view) {
    view.skipInGroup()
    if (!view.isPlannedWork) return skip('this branch carries no planned work')
    const plan = view.headPlan
    if (plan.tasks.every((task) => task.id === null)) return skip('the plan has no tasks with an id')
    if (onlyPlanning(view)) return skip('only the plan changes')
    const cited = view.citedIds
    const values = { cited: cited.join(', ') || 'none', phase: String(phaseOf(view) ?? 'none') }
    if (cited.length === 0) {
      return fail('no task is cited', {
        values,
        remedy: judgement(`Add a line \`Plan: T-…\` to the body of the pull request${example(view)}`),
      })
    }
    const problems = cited.flatMap((id) => problemsOf(view, id))
    if (problems.length === 0)
      return pass(
        `${cited.join(', ')} ${cited.length === 1 ? 'is an open task' : 'are open tasks'} of Phase ${phaseOf(view)}`,
        values,
      )
    return fail(problems.map((problem) => problem.text).join('; '), {
      values,
      where: problems.flatMap((problem) => (problem.task ? [{ path: plan.path, line: problem.task.line }] : [])),
      remedy: judgement(`Cite open tasks of the current phase in the line \`Plan: T-…\` of the body${example(view)}`),
    })
  },
  fixes(view) {
    const { body } = view.snapshot.change
    const task = citable(view)
    const good = view.citedIds.filter((id) => problemsOf(view, id).length === 0)
    const ids = good.length > 0 ? good : task?.id ? [task.id] : []
    if (ids.length === 0 || 'unseen' in body) return []
    const kept = body.seen.replaceAll(/^[ \t]*plan[ \t]*:.*$/gimu, '').trimEnd()
    return [
      {
        kind: 'edit',
        text: `Cite the task this change works on, for example \`Plan: ${ids.join(', ')}\`, and no other`,
        who: 'the author',
        apply: (snapshot) => ({
          ...snapshot,
          change: { ...snapshot.change, body: seen(`${kept}\n\nPlan: ${ids.join(', ')}\n`) },
        }),
      },
    ]
  },
}

function onlyPlanning(view: View): boolean {
  const { all } = view.files
  return all.length > 0 && all.every((path) => path.startsWith(`${view.policy.plan.dir}/`))
}

function phaseOf(view: View): number | null {
  if (view.branch.kind === 'feature' && view.branch.phase !== null) return view.branch.phase
  return currentPhase(view.basePlan ?? view.headPlan)?.number ?? null
}

function problemsOf(view: View, id: string): { text: string; task: Task | null }[] {
  const task = view.tasksById.get(id)
  if (task === undefined) return [{ text: `${id} is not in the plan`, task: null }]
  const phase = phaseOf(view)
  const before = view.oldPlan === null ? undefined : tasksById(view.oldPlan).get(id)
  const blockers = task.depends.filter((other) => {
    const blocker = view.tasksById.get(other)
    return blocker !== undefined && !isSettled(blocker)
  })
  const problems: string[] = []
  if (phase !== null && task.phase !== phase) problems.push(`${id} belongs to Phase ${task.phase}, not ${phase}`)
  if (before?.done) problems.push(`${id} was done before this change`)
  if (blockers.length > 0)
    problems.push(`${id} waits for ${blockers.join(', ')}, which ${blockers.length === 1 ? 'is' : 'are'} open`)
  return problems.map((text) => ({ text, task }))
}

/** A citable task of the phase that fits the changed files best: the first whose paths match, else the first. */
function citable(view: View): Task | undefined {
  const phase = phaseOf(view)
  const before = view.oldPlan === null ? view.tasksById : tasksById(view.oldPlan)
  const wasOpen = (id: string) => !before.get(id)?.done
  const open = view.headPlan.tasks.filter(
    ({ id, ...task }) =>
      id !== null && wasOpen(id) && task.deferred === null && task.phase === phase && problemsOf(view, id).length === 0,
  )
  return open.find((task) => task.paths.some((path) => view.files.some(path) !== undefined)) ?? open[0]
}

function example(view: View): string {
  const task = citable(view)
  return task ? `, for example \`Plan: ${task.id}\` (${task.text})` : ''
}
