import type { PieceResult } from './find/piece.ts'
import { learnRatio, type TokenRatio } from './pack/token-ratio.ts'

/** The token ratio after the answered prompts of a review. */
export function learnFrom(ratio: TokenRatio, results: readonly PieceResult[]): TokenRatio {
  return results.reduce((known, { measured }) => learnRatio(known, measured.chars, measured.tokens), ratio)
}
