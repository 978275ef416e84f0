import { type Severity, severities } from '../finding.ts'
import type { VotedFinding } from './ranked.ts'
import { isSameDefect, titleLikeness } from './similar.ts'

const sameTitle = 0.5

/**
 * One finding per defect. Of two that say the same, the more severe wording stays, with the suggestion of either and the votes of
 * both. Equal code in several places of one file stays several findings, told apart by a number behind the id.
 */
export function mergeDuplicates(findings: readonly VotedFinding[]): VotedFinding[] {
  const merged: VotedFinding[] = []
  for (const finding of [...findings].sort(byWeight)) {
    const at = merged.findIndex((kept) => isDuplicate(kept, finding))
    const kept = merged[at]
    if (kept === undefined) merged.push(finding)
    else merged[at] = join(kept, finding)
  }
  return numberTwins(merged)
}

/** The heaviest first; the rest of the order is fixed, so that equal input gives equal output. */
export function byWeight(left: VotedFinding, right: VotedFinding): number {
  return (
    weightOf(right) - weightOf(left) ||
    left.path.localeCompare(right.path) ||
    (left.line ?? 0) - (right.line ?? 0) ||
    left.id.localeCompare(right.id)
  )
}

/** Severity × confidence × agreement of the passes. */
export function weightOf(finding: VotedFinding): number {
  const { said, passes } = finding.votes
  return severityWeight[finding.severity] * finding.confidence * (0.5 + (0.5 * said) / Math.max(1, passes))
}

const severityWeight: Readonly<Record<Severity, number>> = { critical: 8, high: 4, medium: 2, low: 1 }

export function isAtLeast(severity: Severity, minimum: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(minimum)
}

function isDuplicate(kept: VotedFinding, other: VotedFinding): boolean {
  if (kept.path !== other.path) return false
  if (kept.line === null || other.line === null || kept.side !== other.side) return isSameDefect(kept, other)
  const isOverlapping = kept.line <= (other.endLine ?? other.line) && other.line <= (kept.endLine ?? kept.line)
  if (!isOverlapping) return false
  return kept.category === other.category || titleLikeness(kept.title, other.title) >= sameTitle
}

function join(kept: VotedFinding, other: VotedFinding): VotedFinding {
  const suggestion = kept.suggestion ?? (isSameRange(kept, other) ? other.suggestion : undefined)
  return {
    ...kept,
    confidence: Math.max(kept.confidence, other.confidence),
    votes: {
      said: Math.min(kept.votes.passes, Math.max(kept.votes.said, other.votes.said)),
      passes: Math.max(kept.votes.passes, other.votes.passes),
    },
    ...(suggestion === undefined ? {} : { suggestion }),
  }
}

function isSameRange(left: VotedFinding, right: VotedFinding): boolean {
  return left.line === right.line && left.endLine === right.endLine && left.side === right.side
}

/** Findings of equal path, category and code get a number behind the id, in the order of their lines. */
export function numberTwins(findings: readonly VotedFinding[]): VotedFinding[] {
  const order = [...findings].sort((left, right) => (left.line ?? 0) - (right.line ?? 0))
  const seen = new Map<string, number>()
  const ids = new Map<VotedFinding, string>()
  for (const finding of order) {
    const count = (seen.get(finding.id) ?? 0) + 1
    seen.set(finding.id, count)
    ids.set(finding, count === 1 ? finding.id : `${finding.id}-${count}`)
  }
  return findings.map((finding) => ({ ...finding, id: ids.get(finding) ?? finding.id }))
}
