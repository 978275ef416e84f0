import type { Finding } from '../finding.ts'

/** In how many of the passes over its code the finding was made. */
export interface Votes {
  readonly said: number
  readonly passes: number
}

/** A finding that outlived doubt, with its votes. */
export interface VotedFinding extends Finding {
  readonly votes: Votes
}

/** Why a finding is not shown. */
export type SuppressReason =
  | 'below-minimum'
  | 'dismissed'
  | 'said-before'
  | 'seen-before'
  | 'contradicts-accepted'
  | 'outvoted'
  | 'refuted'

export interface Suppressed {
  readonly finding: VotedFinding
  readonly reason: SuppressReason
  /** One sentence: who dismissed it, which line refutes it. */
  readonly because: string
}
