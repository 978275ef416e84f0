import type { CoverageEntry, CoverageReason } from '../finding.ts'
import type { PackedHunk, Packing } from './pack.ts'

/** What became of a prompt: `done` with a valid answer, or the reason why there is none. */
export type PromptOutcome = 'done' | CoverageReason

/** Hunks of one prompt may fare differently: a failed prompt is salvaged hunk by hunk. */
export type OutcomeOf = (promptIndex: number, hunk: PackedHunk) => PromptOutcome

/**
 * The ledger: each packed hunk and each entry skipped before packing, once. A hunk is `reviewed` only when every line of
 * it was in a prompt with a valid answer.
 */
export function coverageOf(packing: Packing, skipped: readonly CoverageEntry[], outcomeOf: OutcomeOf): CoverageEntry[] {
  return [...packing.hunks.map((hunk) => entryOf(hunk, outcomeOf)), ...skipped].sort(byPlace)
}

function entryOf(hunk: PackedHunk, outcomeOf: OutcomeOf): CoverageEntry {
  const named = { path: hunk.path, hunk: hunk.label }
  const outcomes = hunk.prompts.map((promptIndex) => outcomeOf(promptIndex, hunk))
  const failed = outcomes.find((outcome) => outcome !== 'done')
  const reason = failed ?? hunk.missing
  const isSeen = outcomes.includes('done')
  if (reason === null) return { ...named, state: 'reviewed' }
  return { ...named, state: isSeen ? 'partial' : 'skipped', reason }
}

/** By path, then by place in the file, as people read a diff. */
function byPlace(a: CoverageEntry, b: CoverageEntry): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return startOf(a.hunk) - startOf(b.hunk)
}

function startOf(label: string): number {
  return Number(/\+(\d+)/.exec(label)?.[1] ?? 0)
}
