import type { Side } from './diff/model.ts'

export const severities = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

export const categories = [
  'correctness',
  'security',
  'error-handling',
  'concurrency',
  'performance',
  'resource',
  'api',
  'tests',
  'architecture',
  'dependency',
  'docs',
  'style',
] as const
export type Category = (typeof categories)[number]

/** What a model says about a change, validated in shape and not yet proved. */
export interface Proposal {
  readonly path: string
  /** At the head, or at the base when the quoted line was deleted. */
  readonly line: number
  readonly endLine: number
  readonly severity: Severity
  readonly category: Category
  readonly title: string
  readonly body: string
  /** The code the finding is about, copied by the model from the diff. */
  readonly quote: string
  /** Whole lines that replace `line`..`endLine`. */
  readonly suggestion?: string
  /** 0 to 1. */
  readonly confidence: number
}

/**
 * A proved finding. With `place: 'unplaced'` both lines are null and it may appear in the summary only.
 * `side` LEFT means that the lines are numbers at the base (deleted code).
 */
export interface Finding extends Omit<Proposal, 'line' | 'endLine'> {
  /** Stable over runs: see the fingerprint of the rank step. */
  readonly id: string
  readonly line: number | null
  readonly endLine: number | null
  readonly side: Side
  readonly place: Place
}

/** `quoted`: the quote stands where the model said. `moved`: it stands in exactly one other place. */
export type Place = 'quoted' | 'moved' | 'unplaced'

/** One line of the coverage ledger. Every changed hunk has exactly one, and so has every changed file without hunks. */
export interface CoverageEntry {
  readonly path: string
  /** `-10,4 +12,6` as in the hunk's header, or `file` for a change without hunks. */
  readonly hunk: string
  readonly state: CoverageState
  /** Present unless the state is `reviewed`. */
  readonly reason?: CoverageReason
}

export type CoverageState = 'reviewed' | 'partial' | 'skipped'

/** Why a hunk was not, or not wholly, reviewed. */
export type CoverageReason =
  | 'binary'
  | 'submodule'
  | 'no-text'
  | 'withheld'
  | 'unparsed'
  | 'generated'
  | 'vendored'
  | 'lock-file'
  | 'minified'
  | 'snapshot'
  | 'long-lines'
  | 'deleted-file'
  | 'ignored'
  | 'budget'
  | 'too-large'
  | 'model-failed'
  | 'no-model'
  | 'cancelled'
  | 'time'
