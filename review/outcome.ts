import type { CoverageEntry, CoverageReason } from './finding.ts'
import type { ReviewOutcome } from './result.ts'

/** Left out because nobody reviews such things line by line: no gap in the review. */
const byDesign: ReadonlySet<CoverageReason> = new Set<CoverageReason>([
  'binary',
  'submodule',
  'no-text',
  'generated',
  'vendored',
  'lock-file',
  'minified',
  'snapshot',
  'deleted-file',
  'ignored',
])

/** A hunk that should have been read and was not, or not wholly. */
export function isGap(entry: CoverageEntry): boolean {
  return entry.state !== 'reviewed' && !(entry.reason !== undefined && byDesign.has(entry.reason))
}

/** The outcome follows from the ledger and the number of findings shown; nobody chooses it. */
export function outcomeOf(
  coverage: readonly CoverageEntry[],
  shownFindings: number,
  engine: 'used' | 'not-configured' | 'failed',
): ReviewOutcome {
  const gaps = coverage.filter(isGap)
  if (gaps.length === 0) return shownFindings > 0 ? 'posted' : 'clean'
  if (engine === 'failed') return 'failed'
  const isAnythingRead = coverage.some((entry) => entry.state !== 'skipped')
  return isAnythingRead || engine === 'not-configured' ? 'partial' : 'failed'
}
