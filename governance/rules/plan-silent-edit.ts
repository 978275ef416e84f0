import { describeVersion } from '../plan/bump.ts'
import { isReplacement } from '../plan/bump.ts'
import { versionStep } from '../plan/version.ts'
import { rightVersion, versionFix } from '../plan-fixes.ts'
import { fail, mechanical, pass, type Rule, unknown } from '../rule.ts'
import type { View } from '../view.ts'

export const planSilentEdit: Rule = {
  id: 'plan/silent-edit',
  reads: ['head', 'files'],
  evaluate(view) {
    const old = view.requireOldPlan()
    const plan = view.headPlan
    const { contentChanged } = view.planDiff
    const values = {
      before: describeVersion(old.version),
      after: describeVersion(plan.version),
      content: contentChanged ? 'changed' : 'the same',
    }
    if (old.version === null || plan.version === null)
      return unknown('a plan names no version, so steps cannot be judged', mechanical('Name the file plan_vX.Y.md'), {
        values,
      })
    const wrong = judgeStep(view)
    if (wrong === null)
      return pass(
        contentChanged
          ? `the content changed and the version went one step, ${values.before} → ${values.after}`
          : 'the content of the plan is the same',
        values,
      )
    const right = rightVersion(view)
    return fail(wrong, {
      values,
      where: [{ path: plan.path, line: plan.versionClaims.at(-1)?.line ?? 1 }],
      remedy: mechanical(`Give the plan the version ${describeVersion(right)} (\`devloop plan bump\`)`),
    })
  },
  fixes: versionFix,
}

function judgeStep(view: View): string | null {
  const old = view.requireOldPlan()
  const { headPlan, planDiff } = view
  if (old.version === null || headPlan.version === null) return null
  const arrow = `${describeVersion(old.version)} → ${describeVersion(headPlan.version)}`
  switch (versionStep(old.version, headPlan.version)) {
    case 'down':
      return `the version went down, ${arrow}`
    case 'skip':
      return `the version skipped a step, ${arrow}`
    case 'same':
      return planDiff.contentChanged
        ? `the content of the plan changed, but the version is still ${describeVersion(headPlan.version)}`
        : null
    case 'edit':
      return isReplacement(old, planDiff)
        ? `all phases were replaced, which is a new major version, not ${arrow}`
        : null
    case 'phase':
    case 'replace':
      return null
  }
}
