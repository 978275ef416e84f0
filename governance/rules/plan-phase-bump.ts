import { describeVersion, isReplacement } from '../plan/bump.ts'
import { currentPhase } from '../plan/plan.ts'
import { versionStep } from '../plan/version.ts'
import { versionFix } from '../plan-fixes.ts'
import { fail, judgement, mechanical, pass, type Rule, unknown } from '../rule.ts'
import type { View } from '../view.ts'

export const planPhaseBump: Rule = {
  id: 'plan/phase-bump',
  reads: ['head', 'files'],
  evaluate(view) {
    const old = view.requireOldPlan()
    const { headPlan: plan, planDiff } = view
    if (old.version === null || plan.version === null)
      return unknown('a plan names no version, so steps cannot be judged', mechanical('Name the file plan_vX.Y.md'))
    if (isReplacement(old, planDiff)) return pass('the plan was replaced; its phases are new')
    const { closed } = planDiff.phases
    const step = versionStep(old.version, plan.version)
    const names = closed.map((phase) => `Phase ${phase.number}`).join(' and ')
    const values = {
      closed: names || 'none',
      version: `${describeVersion(old.version)} → ${describeVersion(plan.version)}`,
    }
    const where = [{ path: plan.path, line: closed[0]?.line ?? plan.versionClaims.at(-1)?.line ?? 1 }]
    if (closed.length > 1) {
      return fail(`${names} close in one step; each needs a minor version of its own`, {
        values,
        where,
        remedy: judgement(
          'Close one phase per change',
          view.isGroup ? 'a maintainer: merge these pull requests one after the other' : 'the author',
        ),
      })
    }
    if (closed.length === 1 && step !== 'phase') {
      const who = view.isGroup ? 'the author of the last pull request of the group' : 'the author'
      return fail(`${names} closes, but the version is ${values.version}; closing a phase raises the minor version`, {
        values,
        where,
        remedy: mechanical('Run `devloop plan bump`, which raises the minor version and renames the file', who),
      })
    }
    if (closed.length === 0 && step === 'phase') {
      const current = currentPhase(plan)
      return fail(
        `the minor version was raised (${values.version}), but no phase closed${current ? `; Phase ${current.number} is still current` : ''}`,
        {
          values,
          where,
          remedy: mechanical('Take the version step back (`devloop plan bump` chooses the right one)'),
        },
      )
    }
    const moved = movedOn(view)
    if (moved !== null)
      return fail(moved, {
        values,
        where,
        remedy: judgement('Finish the phase first, or put its open tasks off with `{deferred: reason}`'),
      })
    return pass(
      closed.length === 1
        ? `${names} closes and the minor version was raised (${values.version})`
        : 'no phase closes and the minor version is the same',
      values,
    )
  },
  fixes: (view) => (view.isGroup || view.planDiff.phases.closed.length > 1 ? [] : versionFix(view)),
}

/** A mark moved on to a later phase while the current one is open. */
function movedOn(view: View): string | null {
  const before = currentPhase(view.requireOldPlan())
  const now = currentPhase(view.headPlan)
  if (before === undefined || now === undefined || before.number === now.number) return null
  const left = view.headPlan.phases.find((phase) => phase.number === before.number)
  return left && left.state !== 'done' && now.number > before.number
    ? `Phase ${now.number} is marked current, but Phase ${before.number} is not done`
    : null
}
