import type { Dismissal, EarlierFinding } from './memory.ts'
import { byWeight, isAtLeast, mergeDuplicates } from './merge.ts'
import type { Suppressed, VotedFinding } from './ranked.ts'
import { type SuppressRules, suppress } from './suppress.ts'

export interface RankRules extends SuppressRules {
  readonly maxFindings: number
}

export interface Ranking {
  /** Posted at their lines, the heaviest first. */
  readonly inline: readonly VotedFinding[]
  /** Shown folded in the summary: beyond the limit, or without a line. */
  readonly folded: readonly VotedFinding[]
  readonly suppressed: readonly Suppressed[]
  /** Findings of earlier rounds whose code is gone. */
  readonly fixed: readonly EarlierFinding[]
  /** Findings of earlier rounds that still stand and that nobody dismissed; of those set aside otherwise, the severe ones. */
  readonly stillOpen: readonly OpenFinding[]
}

export interface OpenFinding extends EarlierFinding {
  /** A 👎 or a resolved thread: it is not said again, and counts all the same. */
  readonly setAsideBecause?: string
}

/** Puts proved findings in order and decides which of them speak. */
export function rank(findings: readonly VotedFinding[], rules: RankRules): Ranking {
  const merged = mergeDuplicates(findings)
  const suppressed = merged.flatMap((finding) => suppress(finding, rules) ?? [])
  const silent = new Set(suppressed.map(({ finding }) => finding))
  const speaking = merged.filter((finding) => !silent.has(finding)).sort(byWeight)
  const placed = speaking.filter((finding) => finding.line !== null)
  const inline = placed.slice(0, rules.maxFindings)
  const shown = new Set(inline)
  const { earlier, dismissals } = rules.memory
  const settled = new Set(dismissals.filter(({ isSettled }) => isSettled).map(({ id }) => id))
  const alive = earlier.filter(({ id }) => !settled.has(id))
  const isFixed = (earlier: EarlierFinding) => !rules.stands(earlier.path, earlier.quote)
  return {
    inline,
    folded: speaking.filter((finding) => !shown.has(finding)),
    suppressed,
    fixed: alive.filter(isFixed),
    stillOpen: alive.filter((each) => !isFixed(each)).flatMap((each) => openFinding(each, dismissals)),
  }
}

function openFinding(finding: EarlierFinding, dismissals: readonly Dismissal[]): readonly OpenFinding[] {
  const aside = dismissals.find(({ id }) => id === finding.id)
  if (aside === undefined) return [finding]
  return isAtLeast(finding.severity, 'high') ? [{ ...finding, setAsideBecause: aside.because }] : []
}
