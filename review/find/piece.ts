import type { Proposal } from '../finding.ts'

/** One hunk, or a part of one, as a prompt shows it. */
export interface PiecePart {
  readonly path: string
  /** The ledger's name of the hunk. */
  readonly hunk: string
  /** Rendered with line numbers. */
  readonly code: string
  /** The numbers a finding may name here. */
  readonly lines: readonly number[]
}

/** What one prompt asks about. */
export interface FindPiece {
  /** Same change, same settings: same key. Under it the result is recorded. */
  readonly key: string
  readonly parts: readonly PiecePart[]
  readonly instructions: readonly string[]
  readonly mustCheck: readonly { readonly id: string; readonly question: string }[]
  readonly estimatedTokens: number
}

export interface CheckAnswer {
  readonly id: string
  readonly verdict: 'fine' | 'problem' | 'cannot-tell'
  readonly reason: string
}

export interface RequirementAnswer {
  readonly id: string
  readonly verdict: 'satisfied' | 'violated'
  readonly quote: string
  /** The file whose code the model saw; where the quote stands is checked later. */
  readonly paths: readonly string[]
}

export interface CallUsage {
  readonly calls: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly modelMs: number
}

/** How one part of a prompt fared. */
export interface PartOutcome {
  readonly path: string
  readonly hunk: string
  readonly state: 'reviewed' | 'failed'
  readonly reason?: 'model-failed' | 'too-large'
}

/** The recorded end of one piece; plain JSON. */
export interface PieceResult {
  readonly key: string
  readonly proposals: readonly Proposal[]
  readonly checks: readonly CheckAnswer[]
  readonly requirements: readonly RequirementAnswer[]
  readonly parts: readonly PartOutcome[]
  readonly usage: CallUsage
  /** SHA-256 of every prompt sent, in order. */
  readonly promptHashes: readonly string[]
  /** Characters sent in calls whose prompt tokens are known, and those tokens: the learnt ratio comes from them. */
  readonly measured: { readonly chars: number; readonly tokens: number }
  /** What went wrong last; null when every part was reviewed at the first try. */
  readonly problem: string | null
}

export const noUsage: CallUsage = { calls: 0, promptTokens: 0, completionTokens: 0, modelMs: 0 }

export function addUsage(left: CallUsage, right: CallUsage): CallUsage {
  return {
    calls: left.calls + right.calls,
    promptTokens: left.promptTokens + right.promptTokens,
    completionTokens: left.completionTokens + right.completionTokens,
    modelMs: left.modelMs + right.modelMs,
  }
}
