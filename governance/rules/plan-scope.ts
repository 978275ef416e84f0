import { isSettled } from '../plan/plan.ts'
import { fail, judgement, pass, type Fix, type Rule, skip, unknown } from '../rule.ts'
import { seen } from '../snapshot.ts'
import type { View } from '../view.ts'

export const planScope: Rule = {
  id: 'plan/scope',
  reads: ['head', 'branch', 'body', 'files'],
  evaluate(view) {
    if (!view.isPlannedWork) return skip('this branch carries no planned work')
    const tasks = citedTasks(view)
    if (tasks.length === 0) return skip('no known task is cited, so there is no scope to keep to')
    const loose = outside(
      view,
      tasks.flatMap((task) => task.paths),
    )
    const values = {
      files: String(view.files.all.length),
      outside: String(loose.length),
      tasks: tasks.map((task) => `${task.id} (${task.paths.join(', ') || 'no paths'})`).join('; '),
    }
    if (loose.length === 0)
      return pass(`each of ${view.files.all.length} changed files lies in the paths of a cited task`, values)
    const shown = `${loose.slice(0, 5).join(', ')}${loose.length > 5 ? ` and ${loose.length - 5} more` : ''}`
    const where = loose.slice(0, 50).map((path) => ({ path, line: 1 }))
    const open = tasks.filter((task) => task.paths.length === 0)
    if (open.length > 0)
      return unknown(
        `${open.map((task) => task.id).join(', ')} names no paths, so whether ${shown} belongs to it cannot be told`,
        judgement('Write the paths into the scope of the task: `{paths: src/**}`', 'a plan owner'),
        { values, where },
      )
    return fail(
      `${loose.length} of ${view.files.all.length} changed files ${loose.length === 1 ? 'lies' : 'lie'} outside the paths of ${tasks.map((task) => task.id).join(', ')}: ${shown}`,
      {
        values,
        where,
        remedy: judgement(
          'Move these files to a change of their own, cite the task they belong to, or widen its paths in the plan',
        ),
      },
    )
  },
  fixes: (view) => citeCovering(view),
}

function citedTasks(view: View) {
  return view.citedIds.flatMap((id) => {
    const task = view.tasksById.get(id)
    return task ? [task] : []
  })
}

/** Changed files that match none of the globs; plans and files allowed everywhere are left out. */
function outside(view: View, globs: readonly string[]): readonly string[] {
  const { dir, allow } = view.policy.plan
  const inside = new Set([`${dir}/**`, ...allow, ...globs].flatMap((glob) => view.files.matching(glob)))
  return view.files.all.filter((path) => !inside.has(path))
}

/** Another open task whose paths hold what lies outside: citing it as well is enough. */
function citeCovering(view: View): readonly Fix[] {
  const { body } = view.snapshot.change
  if ('unseen' in body) return []
  const cited = citedTasks(view)
  const globs = cited.flatMap((task) => task.paths)
  const other = view.headPlan.tasks.find(
    (task) =>
      task.id !== null &&
      !isSettled(task) &&
      !cited.includes(task) &&
      outside(view, [...globs, ...task.paths]).length === 0,
  )
  if (other === undefined) return []
  return [
    {
      kind: 'edit',
      text: `Cite ${other.id} as well (\`Plan: ${[...view.citedIds, other.id].join(', ')}\`), if the change works on it`,
      who: 'the author',
      apply: (snapshot) => ({
        ...snapshot,
        change: { ...snapshot.change, body: seen(`${body.seen}\n\nPlan: ${other.id}\n`) },
      }),
    },
  ]
}
