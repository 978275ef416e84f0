import { estimateTokens, type TokenRatio } from './token-ratio.ts'

/** What a prompt may hold, in tokens. */
export interface WindowPlan {
  /** `num_ctx`: prompt and answer together. */
  readonly contextTokens: number
  /** `num_predict`: kept free for the answer. */
  readonly answerTokens: number
  /** What the caller adds to each prompt beside prefix and hunks: questions, the must-check list, the chat template. */
  readonly extraTokens: number
}

/** A prompt reads best between 4,000 and 8,000 tokens; a long prefix may not squeeze the code out. */
const bestPromptTokens = 8000
const leastBodyTokens = 3000

/** Tokens left for hunks in one prompt; 0 when the window is too small for any. */
export function bodyTokens(plan: WindowPlan, prefix: string, ratio: TokenRatio): number {
  const fixed = estimateTokens(ratio, prefix) + plan.extraTokens
  const room = plan.contextTokens - plan.answerTokens - fixed
  const wanted = Math.max(bestPromptTokens - fixed, leastBodyTokens)
  return Math.max(0, Math.min(room, wanted))
}
