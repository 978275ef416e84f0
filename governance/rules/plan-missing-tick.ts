import { isSettled } from '../plan/plan.ts'
import { editFix } from '../plan-fixes.ts'
import { fail, mechanical, pass, type Rule } from '../rule.ts'
import type { View } from '../view.ts'

const DAY_MS = 86_400_000

export const planMissingTick: Rule = {
  id: 'plan/missing-tick',
  reads: ['head', 'merged', 'clock'],
  evaluate(view) {
    const forgotten = findForgotten(view)
    const values = {
      'merged at least (days ago)': String(view.policy.plan.staleDays),
      forgotten: forgotten.map(({ task }) => task.id).join(', ') || 'none',
    }
    if (forgotten.length === 0) return pass('no box of long merged work is open', values)
    const shown = forgotten
      .slice(0, 5)
      .map(({ task, merged }) => `${task.id} (${merged.ref}, merged ${merged.mergedAt.slice(0, 10)})`)
    return fail(
      `work was merged, but its box is still open: ${shown.join(', ')}${forgotten.length > 5 ? ` and ${forgotten.length - 5} more` : ''}`,
      {
        values,
        where: forgotten.map(({ task }) => ({ path: view.headPlan.path, line: task.line })),
        remedy: mechanical('Tick these boxes, or say in the task what is still to do'),
      },
    )
  },
  fixes(view) {
    const ids = findForgotten(view).flatMap(({ task }) => (task.id === null ? [] : [task.id]))
    return [editFix(view, `Tick ${ids.join(', ')}`, { ticks: new Map(ids.map((id) => [id, true] as const)) })]
  },
}

function findForgotten(view: View) {
  const latest = Date.parse(view.snapshot.now) - view.policy.plan.staleDays * DAY_MS
  const merged = view
    .see(view.snapshot.merged)
    .filter((candidate) => candidate.revertedBy === null && Date.parse(candidate.mergedAt) <= latest)
  const oldest = new Map<string, (typeof merged)[number]>()
  for (const candidate of merged) {
    for (const id of candidate.tasks) {
      const known = oldest.get(id)
      if (known === undefined || Date.parse(candidate.mergedAt) < Date.parse(known.mergedAt)) oldest.set(id, candidate)
    }
  }
  return view.headPlan.tasks.flatMap((task) => {
    const first = task.id === null || isSettled(task) ? undefined : oldest.get(task.id)
    return first === undefined ? [] : [{ task, merged: first }]
  })
}
