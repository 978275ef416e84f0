import { renderNewPlan } from '../plan-fixes.ts'
import { fail, mechanical, pass, type Fix, type Rule } from '../rule.ts'
import { withFile, withHeadFolder, withoutFile } from '../what-if.ts'
import type { View } from '../view.ts'

export const planOneActive: Rule = {
  id: 'plan/one-active',
  reads: ['head', 'files'],
  evaluate(view) {
    view.needPlanFolder()
    const active = `${view.policy.plan.dir}/active/`
    const { plans } = view.folder('head')
    const values = { plans: plans.map((plan) => plan.path).join(', ') || 'none' }
    if (plans.length === 1) return pass(`${active} holds one plan (${plans[0]?.path.slice(active.length)})`, values)
    return fail(
      `${active} holds ${plans.length} plans, but must hold exactly one${plans.length === 0 ? '' : `: ${plans.map((plan) => plan.path.slice(active.length)).join(', ')}`}`,
      {
        values,
        where: plans.map((plan) => ({ path: plan.path, line: 1 })),
        remedy: mechanical(
          plans.length === 0
            ? 'Begin a plan with `devloop plan new`'
            : `Keep one plan in ${active} and move the others to ${view.policy.plan.dir}/completed/`,
        ),
      },
    )
  },
  fixes: (view) => (view.folder('head').plans.length === 0 ? [beginPlan(view)] : [keepOne(view)]),
}

function keepOne(view: View): Fix {
  const { plans } = view.folder('head')
  const before = new Set(view.folder('mergeBase').plans.map((plan) => plan.path))
  const keep = plans.find((plan) => before.has(plan.path)) ?? plans[0]
  const extra = plans.filter((plan) => plan !== keep)
  return {
    kind: 'push',
    text: `Take ${extra.map((plan) => plan.path).join(', ')} out of ${view.policy.plan.dir}/active/, so that ${keep?.path} alone is left`,
    who: 'the author',
    apply: (snapshot) =>
      withHeadFolder(snapshot, (side) => extra.reduce((rest, plan) => withoutFile(rest, plan.path), side)),
  }
}

function beginPlan(view: View): Fix {
  const old = view.folder('mergeBase').plans[0]
  const fresh = renderNewPlan(view)
  const path = old?.path ?? fresh.path
  return {
    kind: 'push',
    text: old ? `Put ${old.path} back` : 'Begin a plan with `devloop plan new`',
    who: 'the author',
    apply: (snapshot) => withHeadFolder(snapshot, (side) => withFile(side, path, old?.source ?? fresh.text)),
  }
}
