import { featureName } from '../branch-names.ts'
import { currentPhase } from '../plan/plan.ts'
import { CannotTell, fail, judgement, pass, type Rule } from '../rule.ts'
import { seen } from '../snapshot.ts'
import type { View } from '../view.ts'

export const branchName: Rule = {
  id: 'branch/name',
  reads: ['head', 'branch'],
  evaluate(view) {
    view.skipInGroup()
    const name = view.see(view.snapshot.change.headRef)
    const { feature, exempt } = view.policy.branches
    const values = { branch: name, feature, exempt: exempt.join(', ') }
    switch (view.branch.kind) {
      case 'main':
      case 'staging':
        return pass(`\`${name}\` is a permanent branch`, values)
      case 'feature':
        return pass(`\`${name}\` matches \`${feature}\``, values)
      case 'exempt':
        return pass(`\`${name}\` is exempt (\`${view.branch.pattern}\`)`, values)
      case 'unnamed':
        return fail(`\`${name}\` does not match \`${feature}\` and is not exempt`, {
          values,
          remedy: judgement(`Push the work as \`${goodName(view, name)}\` and open the pull request from there`),
        })
    }
  },
  fixes(view) {
    const name = view.see(view.snapshot.change.headRef)
    const good = goodName(view, name)
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

function goodName(view: View, name: string): string {
  const slug = name.replaceAll(/[^\w.-]+/gu, '-').replaceAll(/^-+|-+$/gu, '') || 'change'
  return featureName(view.policy.branches.feature, currentPhaseNumber(view), slug)
}

function currentPhaseNumber(view: View): number {
  try {
    return currentPhase(view.basePlan ?? view.headPlan)?.number ?? 1
  } catch (error) {
    if (error instanceof CannotTell) return 1
    throw error
  }
}
