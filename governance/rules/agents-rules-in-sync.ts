import { parsePolicyFile } from '../../config/parse-policy-file.ts'
import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { applyAgentRules, compareAgentRules } from '../agent-rules.ts'
import { fail, mechanical, pass, type Rule, skip } from '../rule.ts'
import { seen } from '../snapshot.ts'
import type { View } from '../view.ts'
import { afterPush } from '../what-if.ts'

export const agentsRulesInSync: Rule = {
  id: 'agents/rules-in-sync',
  reads: ['head', 'files', 'base'],
  evaluate(view) {
    if (view.config.source === 'absent') return skip('there is no policy file to generate them from')
    const files = view.see(view.snapshot.agentRules)
    if (files.every((file) => file.text === null))
      return skip("there are no agents' rule files; `devloop init` writes them")
    const stale = compareAgentRules(files, policyToShow(view))
    const values = { files: [...new Set(files.map((file) => file.path))].sort().join(', ') }
    if (stale.length === 0) return pass("the agents' rule files are those of the policy", values)
    return fail(
      `the agents' rule files differ from the policy: ${stale.map((file) => `${file.path} (${file.why})`).join(', ')}`,
      {
        values,
        where: stale.map((file) => ({ path: file.path, line: 1 })),
        remedy: mechanical('Write them anew with `devloop init --force`'),
      },
    )
  },
  fixes(view) {
    const config = policyToShow(view)
    return [
      {
        kind: 'push',
        text: "Write the agents' rule files anew with `devloop init --force`",
        who: 'the author',
        apply: (snapshot) => {
          const files = view
            .see(snapshot.agentRules)
            .map(({ path, text }) => ({ path, text: applyAgentRules(path, text, config) }))
          return afterPush({ ...snapshot, agentRules: seen(files) })
        },
      },
    ]
  },
}

/** A change of the policy brings its rule files along, so they are compared with what it says at head. */
function policyToShow(view: View): ResolvedConfig {
  const atHead = view.see(view.snapshot.policyAtHead)
  const parsed = atHead === null ? null : parsePolicyFile(atHead)
  return parsed?.ok ? parsed.config : view.config
}
