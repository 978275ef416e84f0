import { describeVersion } from '../plan/bump.ts'
import { diffPlans } from '../plan/diff.ts'
import { editPlan } from '../plan/edit.ts'
import { hashPhase } from '../plan/hash.ts'
import { currentPhase, type Plan } from '../plan/plan.ts'
import { compareVersions } from '../plan/version.ts'
import { fail, mechanical, pass, type Rule } from '../rule.ts'
import { seen } from '../snapshot.ts'
import { tasksById, type View } from '../view.ts'
import { afterPush, withFile } from '../what-if.ts'

export const planBaseMoved: Rule = {
  id: 'plan/base-moved',
  reads: ['head', 'branch', 'body', 'files', 'base'],
  evaluate(view) {
    const old = view.requireOldPlan()
    const base = view.basePlan
    if (base === null) return pass('the base has no active plan')
    const changes = describeMoves(view, old, base)
    const values = {
      'merge base': describeVersion(old.version),
      base: describeVersion(base.version),
      'relies on': reliesOn(view),
    }
    if (changes.length === 0) return pass('what this change relies on is the same on the base', values)
    return fail(`since this branch began, the base changed what it relies on: ${changes.join('; ')}`, {
      values,
      where: [{ path: view.headPlan.path, line: 1 }],
      remedy: mechanical(
        `Bring the branch up to date with \`${view.snapshot.change.baseRef}\` and look at the plan again`,
      ),
    })
  },
  fixes(view) {
    const { planDiff, basePlan } = view
    if (basePlan === null || planDiff.contentChanged || view.headPlan.path !== view.requireOldPlan().path) return []
    const ticks = new Map(
      planDiff.ticks.flatMap(({ task, done }) => (task.id === null ? [] : [[task.id, done] as const])),
    )
    return [
      {
        kind: 'push',
        text: `Bring the branch up to date with \`${view.snapshot.change.baseRef}\``,
        who: 'the author',
        apply: (snapshot) => {
          const { base } = snapshot.plans
          if ('unseen' in base) return snapshot
          const head = seen(withFile(base.seen, basePlan.path, editPlan(basePlan, { ticks })))
          return afterPush({ ...snapshot, plans: { base, mergeBase: base, head } })
        },
      },
    ]
  },
}

function reliesOn(view: View): string {
  const tasks = citedHere(view)
  const phase = phaseHere(view)
  return [...tasks, ...(phase === null ? [] : [`Phase ${phase}`])].join(', ') || 'nothing'
}

/** A body that cannot be seen is no reason not to look at the phase and the version. */
function citedHere(view: View): readonly string[] {
  return 'seen' in view.snapshot.change.body ? view.citedIds : []
}

function phaseHere(view: View): number | null {
  if ('unseen' in view.snapshot.change.headRef || view.isGroup) return null
  return view.branch.kind === 'feature' ? view.branch.phase : null
}

function describeMoves(view: View, old: Plan, base: Plan): string[] {
  if (old.source === base.source) return []
  const diff = diffPlans(old, base)
  const after = tasksById(base)
  const before = tasksById(old)
  const ticked = new Set(diff.ticks.map(({ task }) => task.id))
  const edited = new Set(diff.edits.map((edit) => edit.id))
  const tasks = citedHere(view).flatMap((id) => {
    if (before.has(id) && !after.has(id)) return [`${id} is gone`]
    if (edited.has(id)) return [`${id} was edited`]
    return ticked.has(id) ? [`${id} was ${after.get(id)?.done ? 'ticked' : 'opened again'}`] : []
  })
  const phase = phaseHere(view)
  const phases = phase !== null && hashPhase(old, phase) !== hashPhase(base, phase) ? [`Phase ${phase} was edited`] : []
  const current =
    currentPhase(old)?.number === currentPhase(base)?.number
      ? []
      : [`the current phase is now ${currentPhase(base)?.number ?? 'none'}`]
  const versions = view.planDiff.contentChanged || view.planDiff.phases.closed.length > 0 ? versionMove(old, base) : []
  return [...tasks, ...phases, ...(phase === null ? [] : current), ...versions]
}

function versionMove(old: Plan, base: Plan): string[] {
  if (old.version === null || base.version === null || compareVersions(old.version, base.version) === 0) return []
  return [`the plan there is ${describeVersion(base.version)} by now, so this version step would clash`]
}
