import { checkAgain, fail, judgement, pass, type Rule, unknown } from '../rule.ts'
import type { ArchivedPlan } from '../snapshot.ts'
import type { View } from '../view.ts'
import { withHeadFolder } from '../what-if.ts'

export const planArchiveOpen: Rule = {
  id: 'plan/archive-open',
  reads: ['head', 'files'],
  evaluate(view) {
    view.needPlanFolder()
    const fresh = newlyArchived(view)
    const values = { archived: fresh.map((entry) => entry.path).join(', ') || 'none' }
    if (fresh.length === 0) return pass('no plan is archived by this change', values)
    const open = fresh.flatMap((entry) => openTasks(entry).map((task) => ({ ...task, path: entry.path })))
    if (open.length > 0) {
      const names = open
        .slice(0, 5)
        .map((task) => task.id ?? `"${task.text}"`)
        .join(', ')
      const more = open.length > 5 ? ` and ${open.length - 5} more` : ''
      return fail(`a plan is archived with open tasks: ${names}${more}`, {
        values,
        where: open.map(({ path, line }) => ({ path, line })),
        remedy: judgement('Tick what is done, and write `{deferred: reason}` behind what is not'),
      })
    }
    const unread = fresh.filter((entry) => entry.content === null)
    if (unread.length > 0)
      return unknown(
        `${unread.map((entry) => entry.path).join(', ')} was not read, so its tasks are not known`,
        checkAgain,
        { values },
      )
    return pass('every task of the archived plan is done or deferred', values)
  },
  fixes(view) {
    const paths = new Set(newlyArchived(view).map((entry) => entry.path))
    return [
      {
        kind: 'push',
        text: 'Tick what is done in the archived plan, and write `{deferred: reason}` behind what is not',
        who: 'the author',
        apply: (snapshot) =>
          withHeadFolder(snapshot, (side) => ({
            ...side,
            archive: side.archive.map((entry) => (paths.has(entry.path) ? settled(entry) : entry)),
          })),
      },
    ]
  },
}

function newlyArchived(view: View): readonly ArchivedPlan[] {
  const before = new Set(view.see(view.snapshot.plans.mergeBase).archive.map((entry) => entry.path))
  const fresh = view
    .see(view.snapshot.plans.head)
    .archive.filter((entry) => !before.has(entry.path) && entry.path.endsWith('.md'))
  return [...fresh].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function openTasks(entry: ArchivedPlan) {
  return entry.content?.tasks.filter((task) => task.state === 'open') ?? []
}

function settled(entry: ArchivedPlan): ArchivedPlan {
  if (entry.content === null) return entry
  const tasks = entry.content.tasks.map((task) =>
    task.state === 'open' ? { ...task, state: 'deferred' as const } : task,
  )
  return { ...entry, content: { ...entry.content, tasks } }
}
