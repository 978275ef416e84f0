import { fail, judgement, pass, type Rule, skip } from '../rule.ts'
import type { View } from '../view.ts'

const DAY_MS = 86_400_000

export const planStale: Rule = {
  id: 'plan/stale',
  reads: ['head', 'merged', 'base', 'clock'],
  evaluate(view) {
    view.needPlanFolder()
    if (movesPlan(view)) return pass('this change ticks or edits the plan')
    const { staleDays } = view.policy.plan
    const changedAt = view.see(view.snapshot.planChangedAt)
    if (changedAt === null) return skip('the plan is not on the base yet')
    const days = Math.floor((Date.parse(view.snapshot.now) - Date.parse(changedAt)) / DAY_MS)
    const values = { 'last change': changedAt.slice(0, 10), days: String(days), limit: String(staleDays) }
    if (days < staleDays) return pass(`the plan changed ${days} ${days === 1 ? 'day' : 'days'} ago`, values)
    const refs = new Set(
      view
        .see(view.snapshot.merged)
        .filter((merged) => Date.parse(merged.mergedAt) > Date.parse(changedAt))
        .map((merged) => merged.ref),
    )
    if (refs.size === 0)
      return pass(`the plan has not changed for ${days} days, and neither was anything merged`, values)
    return fail(
      `the plan has not changed for ${days} days, while ${refs.size} ${refs.size === 1 ? 'pull request was' : 'pull requests were'} merged`,
      {
        values,
        where: [{ path: view.headPlan.path, line: 1 }],
        remedy: judgement('Tick what is done, or bring the plan up to date', 'a plan owner'),
      },
    )
  },
}

function movesPlan(view: View): boolean {
  return view.oldPlan === null || view.planDiff.contentChanged || view.planDiff.ticks.length > 0
}
