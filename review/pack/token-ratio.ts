/**
 * How many tokens a model makes of a character of our prompts. It is learnt from characters, nearly all of them ASCII, and
 * applied to UTF-8 bytes: a CJK character or an emoji costs a model as much as several Latin letters.
 */
export interface TokenRatio {
  readonly mean: number
  readonly highest: number
  readonly samples: number
}

/** Code tokenises at 0.28 to 0.4 tokens a character with the models of our table; begun high, because an overfull window is worse. */
export const unlearnedRatio: TokenRatio = { mean: 0.38, highest: 0.42, samples: 0 }

/** Shorter prompts teach nothing: the chat template weighs too much in them. */
const minSampleCharacters = 2000
const lowest = 0.1
const uppermost = 1.5
/** A sample counts like this many at most, so that a ratio follows a change of language within a few prompts. */
const memory = 20

/** The ratio after more prompts, of so many characters, that made so many tokens (`prompt_eval_count`). */
export function learnRatio(ratio: TokenRatio, characters: number, tokens: number): TokenRatio {
  const seen = tokens / characters
  if (characters < minSampleCharacters || !(seen >= lowest && seen <= uppermost)) return ratio
  if (ratio.samples === 0) return { mean: seen, highest: seen, samples: 1 }
  const weight = Math.min(ratio.samples, memory)
  return {
    mean: (ratio.mean * weight + seen) / (weight + 1),
    highest: Math.max(seen, ratio.highest - (ratio.highest - ratio.mean) / memory),
    samples: ratio.samples + 1,
  }
}

/** Tokens that the text will hardly exceed. */
export function estimateTokens(ratio: TokenRatio, text: string): number {
  return tokensOfBytes(ratio, Buffer.byteLength(text))
}

export function tokensOfBytes(ratio: TokenRatio, bytes: number): number {
  const margin = ratio.samples < 3 ? 1.1 : 1.03
  return Math.ceil(bytes * Math.max(ratio.mean * margin, ratio.highest))
}
