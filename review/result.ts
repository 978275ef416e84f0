import type { MicroUsd } from '../ports/money.ts'
import type { CheckAnswer, CallUsage } from './find/piece.ts'
import type { CoverageEntry } from './finding.ts'
import type { Ranking } from './rank/rank.ts'

/** How a review ended. There is no fifth way, and none of them is silent. */
export type ReviewOutcome = 'posted' | 'clean' | 'partial' | 'failed'

/** A check box of a linked issue, held against the change. */
export interface RequirementState {
  readonly id: string
  /** `#12`: the issue it stands in. */
  readonly issue: string
  readonly text: string
  /** `unknown` unless a line of the change shows it. */
  readonly verdict: 'satisfied' | 'violated' | 'unknown'
  readonly evidence: { readonly path: string; readonly line: number; readonly quote: string } | null
}

/** A question that risky paths or content raise, and how it was answered. */
export interface MustCheckState {
  readonly id: string
  readonly question: string
  /** `unanswered`: no prompt about these files was answered. */
  readonly verdict: CheckAnswer['verdict'] | 'unanswered'
  readonly reason: string
}

/** One line of the checklist every review answers. */
export interface ChecklistItem {
  readonly topic: 'architecture' | 'tests-and-errors' | 'performance'
  readonly state: 'fine' | 'attention' | 'not-checked'
  readonly text: string
}

/** How the result came about; everything needed to run it again. */
export interface Receipt {
  readonly model: string | null
  readonly digest: string | null
  readonly pod: string | null
  readonly gpu: string | null
  readonly seed: number
  readonly passes: number
  readonly promptVersions: Readonly<Record<string, string>>
  /** SHA-256 of every prompt sent. */
  readonly promptHashes: readonly string[]
  readonly headSha: string
  readonly baseSha: string
  readonly inputHash: string
  readonly startedAt: number
  readonly endedAt: number
}

export interface ReviewCost {
  readonly microUsd: MicroUsd
  readonly gpuMs: number
}

export interface ReviewResult {
  readonly outcome: ReviewOutcome
  readonly ranking: Ranking
  readonly coverage: readonly CoverageEntry[]
  readonly checklist: readonly ChecklistItem[]
  readonly requirements: readonly RequirementState[]
  readonly mustCheck: readonly MustCheckState[]
  readonly usage: CallUsage
  readonly cost: ReviewCost
  readonly receipt: Receipt
  /** Why there is no model review, or not a whole one; null when all that should be read was read. */
  readonly shortfall: string | null
  /** Whatever else the reader must know, one sentence each. */
  readonly notes: readonly string[]
}
