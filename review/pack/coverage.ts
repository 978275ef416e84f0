import type { CoverageEntry, CoverageReason } from '../finding.ts'
import type { PackedHunk, Packing } from './pack.ts'

/** How a part of a prompt fared. */
export interface PartOutcome {
  readonly path: string
  readonly hunk: string
  readonly state: 'reviewed' | 'failed'
  readonly reason?: CoverageReason
}

/**
 * The ledger: each packed hunk and each entry skipped before packing, once. A hunk is `reviewed` only when every line of it was in
 * a prompt with a valid answer. `unasked` is the reason for parts without an outcome: why the run ended before them.
 */
export function coverageOf(
  packing: Packing,
  skipped: readonly CoverageEntry[],
  outcomes: readonly PartOutcome[],
  unasked: CoverageReason,
): CoverageEntry[] {
  const byHunk = Map.groupBy(outcomes, (outcome) => keyOf(outcome.path, outcome.hunk))
  const entries = packing.hunks.map((hunk) => entryOf(hunk, byHunk.get(keyOf(hunk.path, hunk.label)) ?? [], unasked))
  return [...entries, ...skipped].sort(byPlace)
}

function keyOf(path: string, hunk: string): string {
  return `${path}\n${hunk}`
}

function entryOf(hunk: PackedHunk, outcomes: readonly PartOutcome[], unasked: CoverageReason): CoverageEntry {
  const named = { path: hunk.path, hunk: hunk.label }
  const reviewed = outcomes.filter((outcome) => outcome.state === 'reviewed').length
  if (reviewed >= hunk.parts && hunk.missing === null) return { ...named, state: 'reviewed' }
  const failed = outcomes.find((outcome) => outcome.state === 'failed')
  const reason = failed?.reason ?? (reviewed < hunk.parts ? unasked : (hunk.missing ?? unasked))
  return { ...named, state: reviewed > 0 ? 'partial' : 'skipped', reason }
}

/** By path, then by place in the file, as people read a diff. */
function byPlace(a: CoverageEntry, b: CoverageEntry): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return startOf(a.hunk) - startOf(b.hunk)
}

function startOf(label: string): number {
  return Number(/\+(\d+)/.exec(label)?.[1] ?? 0)
}
