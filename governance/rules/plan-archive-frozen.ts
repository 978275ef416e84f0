import { fail, mechanical, pass, type Rule } from '../rule.ts'
import type { ArchivedPlan } from '../snapshot.ts'
import type { View } from '../view.ts'
import { withHeadFolder } from '../what-if.ts'

export const planArchiveFrozen: Rule = {
  id: 'plan/archive-frozen',
  reads: ['head', 'files'],
  evaluate(view) {
    view.needPlanFolder()
    const changed = findChanged(view)
    const values = {
      archived: String(view.see(view.snapshot.plans.mergeBase).archive.length),
      changed: changed.map((entry) => entry.path).join(', ') || 'none',
    }
    if (changed.length === 0) return pass('no archived plan changed', values)
    return fail(
      `archived plans change: ${changed.map((entry) => `${entry.path} is ${entry.gone ? 'gone' : 'different'}`).join('; ')}`,
      {
        values,
        where: changed.map((entry) => ({ path: entry.path, line: 1 })),
        remedy: mechanical(`Put ${changed.map((entry) => entry.path).join(', ')} back as on the base`),
      },
    )
  },
  fixes(view) {
    const before = view.see(view.snapshot.plans.mergeBase)
    return [
      {
        kind: 'push',
        text: `Put ${findChanged(view)
          .map((entry) => entry.path)
          .join(', ')} back as on the base`,
        who: 'the author',
        apply: (snapshot) =>
          withHeadFolder(snapshot, (side) => {
            const old = new Set(before.archive.map((entry) => entry.path))
            return {
              ...side,
              archive: [...before.archive, ...side.archive.filter((entry) => !old.has(entry.path))],
              tree: [
                ...before.tree.filter((entry) => old.has(entry.path)),
                ...side.tree.filter((entry) => !old.has(entry.path)),
              ],
            }
          }),
      },
    ]
  },
}

function findChanged(view: View): { path: string; gone: boolean }[] {
  const after = new Map(view.see(view.snapshot.plans.head).archive.map((entry) => [entry.path, entry]))
  const before = new Map(view.see(view.snapshot.plans.mergeBase).archive.map((entry) => [entry.path, entry]))
  return [...before.values()]
    .filter((entry) => isChanged(entry, after.get(entry.path)))
    .map((entry) => ({ path: entry.path, gone: !after.has(entry.path) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function isChanged(before: ArchivedPlan, after: ArchivedPlan | undefined): boolean {
  return after === undefined || after.blobSha !== before.blobSha || after.mode !== before.mode
}
