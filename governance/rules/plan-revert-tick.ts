import { editFix } from '../plan-fixes.ts'
import { fail, mechanical, pass, type Rule } from '../rule.ts'
import type { View } from '../view.ts'

export const planRevertTick: Rule = {
  id: 'plan/revert-tick',
  reads: ['head', 'merged', 'body'],
  evaluate(view) {
    const reverted = findReverted(view)
    const values = { reverted: reverted.map(({ task }) => task.id).join(', ') || 'none' }
    if (reverted.length === 0) return pass('no ticked box belongs to reverted work', values)
    const shown = reverted
      .map(({ task, merged }) => `${task.id} (${merged.ref}, reverted by ${merged.revertedBy?.ref})`)
      .join(', ')
    return fail(`the work was reverted, but the box is still ticked: ${shown}`, {
      values,
      where: reverted.map(({ task }) => ({ path: view.headPlan.path, line: task.line })),
      remedy: mechanical('Take these ticks back'),
    })
  },
  fixes(view) {
    const ids = findReverted(view).flatMap(({ task }) => (task.id === null ? [] : [task.id]))
    return [
      editFix(view, `Take the tick of ${ids.join(', ')} back`, {
        ticks: new Map(ids.map((id) => [id, false] as const)),
      }),
    ]
  },
}

function findReverted(view: View) {
  const citing = Map.groupBy(
    view.see(view.snapshot.merged).flatMap((merged) => merged.tasks.map((id) => ({ id, merged }))),
    ({ id }) => id,
  )
  return view.headPlan.tasks.flatMap((task) => {
    if (task.id === null || !task.done) return []
    const all = (citing.get(task.id) ?? []).map(({ merged }) => merged).sort((a, b) => (a.ref < b.ref ? -1 : 1))
    const [first] = all
    if (first === undefined || all.some((merged) => merged.revertedBy === null) || view.citedIds.includes(task.id))
      return []
    return [{ task, merged: first }]
  })
}
