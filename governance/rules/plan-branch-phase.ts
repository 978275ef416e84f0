import { featureName } from '../branch-names.ts'
import { currentPhase } from '../plan/plan.ts'
import { fail, judgement, pass, type Rule, skip, unknown } from '../rule.ts'
import { seen } from '../snapshot.ts'

export const planBranchPhase: Rule = {
  id: 'plan/branch-phase',
  reads: ['head', 'branch', 'files', 'base'],
  evaluate(view) {
    view.skipInGroup()
    const { branch } = view
    if (branch.kind !== 'feature' || branch.phase === null) return skip('the branch names no phase')
    const number = branch.phase
    const plan = view.basePlan ?? view.headPlan
    if (plan.phases.length === 0)
      return unknown(
        `${plan.path} has no phases; a phase is a heading "Phase N"`,
        judgement('Write the phases into the plan', 'a plan owner'),
        {
          values: { branch: String(number) },
          where: [{ path: plan.path, line: 1 }],
        },
      )
    const current = currentPhase(plan)
    const phase = plan.phases.find((candidate) => candidate.number === number)
    const values = {
      branch: `Phase ${number}`,
      current: current ? `Phase ${current.number} – ${current.title}` : 'none: all are done',
    }
    if (phase && phase === current) return pass(`Phase ${number} is the current phase`, values)
    const why =
      phase === undefined ? 'is not in the plan' : phase.state === 'done' ? 'is closed' : 'is not the current one'
    return fail(`the branch is for Phase ${number}, which ${why}; current is ${values.current}`, {
      values,
      where: [{ path: plan.path, line: current?.line ?? 1 }],
      remedy: judgement(
        current
          ? `Push the work as \`${featureName(view.policy.branches.feature, current.number, branch.slug)}\`, or wait for Phase ${number}`
          : 'Begin the next plan first',
      ),
    })
  },
  fixes(view) {
    const current = currentPhase(view.basePlan ?? view.headPlan)
    if (current === undefined || view.branch.kind !== 'feature') return []
    const good = featureName(view.policy.branches.feature, current.number, view.branch.slug)
    return [
      {
        kind: 'edit',
        text: `Push the work as \`${good}\` and open the pull request from there`,
        who: 'the author',
        apply: (snapshot) => ({ ...snapshot, change: { ...snapshot.change, headRef: seen(good) } }),
      },
    ]
  },
}
