import { withFile, withHeadFolder } from '../what-if.ts'
import { fail, judgement, pass, type Rule } from '../rule.ts'
import type { View } from '../view.ts'

export const planIdLoss: Rule = {
  id: 'plan/id-loss',
  reads: ['head', 'files'],
  evaluate(view) {
    const old = view.requireOldPlan()
    const lost = lostIds(view)
    const dangling = danglingTombstones(view)
    const doubled = view.headPlan.problems.filter((problem) => problem.code === 'duplicate-id')
    const values = {
      'ids before': String(old.tasks.filter((task) => task.id !== null).length),
      lost: lost.join(', ') || 'none',
    }
    const sentences = [
      ...lost.slice(0, 10).map((id) => describeLoss(view, id)),
      ...(lost.length > 10 ? [`${lost.length - 10} more ids are gone`] : []),
      ...dangling.map((tombstone) => `${tombstone.id} points to ${tombstone.movedTo}, which is not in the plan`),
      ...doubled.map((problem) => problem.message),
    ]
    if (sentences.length === 0) return pass('every task id is still there or has a tombstone', values)
    const { path } = view.headPlan
    return fail(sentences.join('; '), {
      values,
      where: [...dangling, ...doubled].map(({ line }) => ({ path, line })),
      remedy: judgement(
        'Leave a tombstone: `- ~~T-104~~ → T-110` for a new number, `- ~~T-104~~ (removed: reason)` for a task that is gone',
      ),
    })
  },
  fixes(view) {
    const lost = lostIds(view)
    if (lost.length === 0) return []
    const plan = view.headPlan
    const stones = lost
      .map((id) => `- ~~${id}~~ ${renumberedTo(view, id) ? `→ ${renumberedTo(view, id)}` : '(removed: reason)'}`)
      .join('\n')
    const end = plan.phases.find((phase) => phase.range !== null)?.range?.end ?? plan.source.length
    const text = `${plan.source.slice(0, end).trimEnd()}\n\n${stones}\n\n${plan.source.slice(end)}`
    return [
      {
        kind: 'push',
        text: `Leave a tombstone for ${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}`,
        who: 'the author',
        apply: (snapshot) => withHeadFolder(snapshot, (side) => withFile(side, plan.path, text)),
      },
    ]
  },
}

function lostIds(view: View): readonly string[] {
  const kept = new Set([
    ...view.tasksById.keys(),
    ...view.headPlan.tombstones.map((tombstone) => tombstone.id),
    ...archivedIds(view),
  ])
  return view.requireOldPlan().tasks.flatMap((task) => (task.id !== null && !kept.has(task.id) ? [task.id] : []))
}

/** Ids that live on in the archive are not lost: a plan was completed and the next one has its own. */
function archivedIds(view: View): readonly string[] {
  const archive = view.see(view.snapshot.plans.head).archive
  return archive.flatMap((entry) => entry.content?.tasks ?? []).flatMap((task) => (task.id === null ? [] : [task.id]))
}

function danglingTombstones(view: View) {
  const all = new Set([
    ...view.tasksById.keys(),
    ...view.headPlan.tombstones.map((tombstone) => tombstone.id),
    ...archivedIds(view),
  ])
  return view.headPlan.tombstones.filter((tombstone) => tombstone.movedTo !== null && !all.has(tombstone.movedTo))
}

function renumberedTo(view: View, id: string): string | undefined {
  return view.planDiff.renumbered.find((pair) => pair.from === id)?.to
}

function describeLoss(view: View, id: string): string {
  const to = renumberedTo(view, id)
  return to ? `${id} became ${to} without a tombstone` : `${id} is gone without a tombstone`
}
