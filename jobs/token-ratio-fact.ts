import { z } from 'zod'
import type { FactStore } from '../ports/store.ts'
import { type TokenRatio, unlearnedRatio } from '../review/pack/token-ratio.ts'

const shape = z.object({ mean: z.number().positive(), highest: z.number().positive(), samples: z.int().nonnegative() })

/** What earlier reviews learnt of a model's tokens; the careful default when nothing, or nothing readable, is known. */
export async function readTokenRatio(facts: FactStore, model: string): Promise<TokenRatio> {
  const parsed = shape.safeParse(await facts.get(keyOf(model)))
  return parsed.success ? parsed.data : unlearnedRatio
}

export async function writeTokenRatio(facts: FactStore, model: string, ratio: TokenRatio): Promise<void> {
  const { mean, highest, samples } = ratio
  if (samples > 0) await facts.set(keyOf(model), { mean, highest, samples })
}

function keyOf(model: string): string {
  return `token-ratio/${model}`
}
