import { fail, mechanical, pass, type Rule, skip } from '../rule.ts'
import type { View } from '../view.ts'

export const branchTarget: Rule = {
  id: 'branch/target',
  reads: ['head', 'branch', 'target'],
  evaluate(view) {
    view.skipInGroup()
    const { change } = view.snapshot
    const name = view.see(change.headRef)
    if (name === change.baseRef && !change.fromFork)
      return skip(`\`${name}\` is judged by itself: nothing is on its way`)
    const wanted = wantedTarget(view, name)
    const values = { from: name, to: change.baseRef, target: view.featureTarget }
    if (wanted === null) return pass(`\`${name}\` may go to \`${change.baseRef}\``, values)
    return fail(sentence(view, name, wanted), {
      values,
      remedy: mechanical(`Change the base branch of the pull request to \`${wanted}\``),
    })
  },
  fixes(view) {
    const wanted = wantedTarget(view, view.see(view.snapshot.change.headRef))
    if (wanted === null) return []
    return [
      {
        kind: 'edit',
        text: `Change the base branch of the pull request to \`${wanted}\``,
        who: 'the author',
        apply: (snapshot) => ({ ...snapshot, change: { ...snapshot.change, baseRef: wanted } }),
      },
    ]
  },
}

/** Where the branch should aim instead; null when its target is right. */
function wantedTarget(view: View, name: string): string | null {
  const { baseRef } = view.snapshot.change
  const { main } = view.policy.branches
  const target = view.featureTarget
  const isFeature = view.branch.kind === 'feature' || view.branch.kind === 'unnamed'
  if (isFeature) return baseRef === target ? null : target
  if (baseRef !== main || target === main || view.branch.kind === 'staging' || /^(?:release|hotfix)\//u.test(name))
    return null
  return target
}

function sentence(view: View, name: string, wanted: string): string {
  const { baseRef } = view.snapshot.change
  if (baseRef !== view.policy.branches.main)
    return `\`${name}\` aims at \`${baseRef}\`, but feature branches aim at \`${wanted}\``
  return `\`${name}\` aims at \`${baseRef}\`, which is fed by \`${view.policy.branches.staging ?? wanted}\`, release/ and hotfix/ branches only`
}
