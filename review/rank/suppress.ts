import type { Severity } from '../finding.ts'
import { normaliseCode } from './fingerprint.ts'
import { wasSeen } from './line-keys.ts'
import type { EarlierFinding, Memory } from './memory.ts'
import { isAtLeast } from './merge.ts'
import type { Suppressed, VotedFinding } from './ranked.ts'
import { isSameDefect } from './similar.ts'

export interface SuppressRules {
  readonly minSeverity: Severity
  readonly memory: Memory
  /** Whether this code stands in the file at the head. */
  readonly stands: (path: string, code: string) => boolean
}

/** Why a finding is not shown, by the first rule that speaks; undefined when it is. */
export function suppress(finding: VotedFinding, rules: SuppressRules): Suppressed | undefined {
  const { memory, minSeverity } = rules
  const because = (reason: Suppressed['reason'], text: string): Suppressed => ({ finding, reason, because: text })
  const dismissal = findDismissal(finding, memory)
  if (dismissal !== undefined) return because('dismissed', dismissal)
  const accepted = memory.earlier.find((earlier) => contradicts(finding, earlier, rules))
  if (accepted !== undefined) {
    return because('contradicts-accepted', `speaks against the accepted finding ${accepted.id} (${accepted.title})`)
  }
  const before = memory.earlier.find((earlier) => earlier.id === finding.id || isSameDefect(earlier, finding))
  if (before !== undefined) return because('said-before', `said in an earlier round as ${before.id}`)
  if (!isAtLeast(finding.severity, minSeverity)) {
    return because('below-minimum', `${finding.severity} is milder than ${minSeverity}`)
  }
  const isSevere = isAtLeast(finding.severity, 'high')
  if (memory.rounds > 0 && !isSevere && wasSeen(memory.seen, finding.path, finding.quote)) {
    return because('seen-before', 'about lines that an earlier round saw and did not object to')
  }
  const { said, passes } = finding.votes
  if (!isSevere && said * 2 < passes) return because('outvoted', `found in ${said} of ${passes} passes only`)
  return undefined
}

function findDismissal(finding: VotedFinding, memory: Memory): string | undefined {
  for (const { id, because } of memory.dismissals) {
    const earlier = memory.earlier.find((known) => known.id === id)
    if (id === finding.id || (earlier !== undefined && isSameDefect(earlier, finding))) return because
  }
  return undefined
}

/** An earlier suggestion that now stands in the code was accepted: nobody is sent back and forth. */
function contradicts(finding: VotedFinding, earlier: EarlierFinding, rules: SuppressRules): boolean {
  if (earlier.path !== finding.path || earlier.suggestion === undefined) return false
  if (!rules.stands(earlier.path, earlier.suggestion)) return false
  const isWayBack =
    finding.suggestion !== undefined && normaliseCode(finding.suggestion) === normaliseCode(earlier.quote)
  const isAboutIt = normaliseCode(earlier.suggestion).includes(normaliseCode(finding.quote))
  return isWayBack || (isAboutIt && !isAtLeast(finding.severity, 'high'))
}
