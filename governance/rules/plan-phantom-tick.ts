import { PathIndex } from '../path-match.ts'
import type { Task } from '../plan/plan.ts'
import { editFix } from '../plan-fixes.ts'
import { checkAgain, fail, mechanical, pass, type Fix, type Rule, skip, unknown } from '../rule.ts'
import { type MergedPullRequest, seen } from '../snapshot.ts'
import type { View } from '../view.ts'

type Proof = 'earned' | 'not earned' | 'unknown'

export const planPhantomTick: Rule = {
  id: 'plan/phantom-tick',
  reads: ['head', 'body', 'files', 'merged'],
  evaluate(view) {
    const ticked = newTicks(view)
    if (ticked.length === 0) return pass('no box is ticked by this change')
    const known = ticked.filter((task) => task.id !== null)
    if (known.length === 0) return skip('the ticked boxes have no id, so no pull request can cite them')
    const proofs = known.map((task) => ({ task, proof: proofOf(view, task) }))
    const phantom = proofs.filter(({ proof }) => proof === 'not earned').map(({ task }) => task)
    const unsure = proofs.filter(({ proof }) => proof === 'unknown').map(({ task }) => task)
    const values = {
      ticked: known.map((task) => task.id).join(', '),
      'not earned': phantom.map((task) => task.id).join(', ') || 'none',
    }
    const where = [...phantom, ...unsure].map((task) => ({ path: view.headPlan.path, line: task.line }))
    if (phantom.length > 0) {
      const names = phantom
        .map((task) => `${task.id}${task.paths.length > 0 ? ` (${task.paths.join(', ')})` : ''}`)
        .join(', ')
      return fail(
        `${names} ${phantom.length === 1 ? 'is' : 'are'} ticked, but neither this nor a merged pull request cites the task and touches its paths`,
        {
          values,
          where,
          remedy: mechanical(
            `Cite the task (\`Plan: ${phantom[0]?.id}\`) if this change does it, else take the tick back`,
          ),
        },
      )
    }
    if (unsure.length > 0)
      return unknown(`which files earned ${unsure.map((task) => task.id).join(', ')} is not known`, checkAgain, {
        values,
        where,
      })
    return pass(`${values.ticked} ${known.length === 1 ? 'was' : 'were'} earned`, values)
  },
  fixes(view) {
    const phantom = newTicks(view).filter((task) => task.id !== null && proofOf(view, task) === 'not earned')
    const untick = editFix(view, `Take the tick of ${phantom.map((task) => task.id).join(', ')} back`, {
      ticks: new Map(phantom.flatMap((task) => (task.id === null ? [] : [[task.id, false] as const]))),
    })
    return [...citeHere(view, phantom), untick]
  },
}

function newTicks(view: View): readonly Task[] {
  return view.planDiff.ticks.filter((tick) => tick.done).map((tick) => tick.task)
}

function proofOf(view: View, task: Task): Proof {
  if (task.id === null) return 'unknown'
  if (view.citedIds.includes(task.id) && touches(view.files, task)) return 'earned'
  const citing = view
    .see(view.snapshot.merged)
    .filter((merged) => merged.tasks.includes(task.id ?? '') && merged.revertedBy === null)
  const proofs = citing.map((merged) => proofBy(merged, task))
  if (proofs.includes('earned')) return 'earned'
  return proofs.includes('unknown') ? 'unknown' : 'not earned'
}

function proofBy(merged: MergedPullRequest, task: Task): Proof {
  if (task.paths.length === 0) return 'earned'
  if (merged.paths === null) return 'unknown'
  return touches(new PathIndex(merged.paths), task) ? 'earned' : 'not earned'
}

function touches(files: PathIndex, task: Task): boolean {
  return task.paths.length === 0 || task.paths.some((glob) => files.some(glob) !== undefined)
}

/** Citing the tasks is enough where the change touches the paths of all of them. */
function citeHere(view: View, phantom: readonly Task[]): readonly Fix[] {
  const { body } = view.snapshot.change
  if ('unseen' in body || view.isGroup || !phantom.every((task) => touches(view.files, task))) return []
  const ids = phantom.map((task) => task.id).join(', ')
  return [
    {
      kind: 'edit',
      text: `Cite what this change does: \`Plan: ${ids}\``,
      who: 'the author',
      apply: (snapshot) => ({
        ...snapshot,
        change: { ...snapshot.change, body: seen(`${body.seen}\n\nPlan: ${ids}\n`) },
      }),
    },
  ]
}
