import { z } from 'zod'
import { CodedError } from '../ports/errors.ts'
import type { Json } from '../ports/store.ts'

/** The step under which the end of a job waits until its person can be told. */
export const ENDING = 'ending'

const endingSchema = z.object({
  state: z.enum(['failed', 'cancelled']),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  owner: z.enum(['user', 'operator', 'retry']),
})

/** Why a job ended, as it was when it ended. */
class RememberedError extends CodedError {}

export function rememberedEnding(error: CodedError, state: 'failed' | 'cancelled'): Json {
  const { code, message, remedy, owner } = error
  return { state, code, message, remedy, owner }
}

export function readEnding(value: Json | undefined): { error: CodedError; state: 'failed' | 'cancelled' } | undefined {
  const parsed = endingSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { state, ...facts } = parsed.data
  return { error: new RememberedError(facts), state }
}
