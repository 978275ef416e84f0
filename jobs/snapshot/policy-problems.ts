import { type PolicyProblem, parsePolicyFile } from '../../config/parse-policy-file.ts'
import type { Snapshot } from '../../governance/snapshot.ts'
import type { PolicyInForce } from './policy-in-force.ts'

/**
 * A change that breaks devloop.yml fails. A file that is broken on the base fails every change but the one that mends it, which is
 * judged by the last good policy.
 */
export function problemsOf(policy: PolicyInForce, { policyAtHead }: Snapshot): readonly PolicyProblem[] {
  const text = 'seen' in policyAtHead ? policyAtHead.seen : null
  if (text === null) return policy.problems
  const atHead = parsePolicyFile(text)
  return atHead.ok ? [] : atHead.problems
}
