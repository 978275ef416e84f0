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
  since: z.number().optional(),
})

/** Why a job ended, as it was when it ended. */
class RememberedError extends CodedError {}

/** `since`: when telling it was first tried. */
export function rememberedEnding(error: CodedError, state: 'failed' | 'cancelled', since: number): Json {
  const { code, message, remedy, owner } = error
  return { state, code, message, remedy, owner, since }
}

export interface RememberedEnding {
  readonly error: CodedError
  readonly state: 'failed' | 'cancelled'
  readonly since: number | undefined
}

export function readEnding(value: Json | undefined): RememberedEnding | undefined {
  const parsed = endingSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { state, since, ...facts } = parsed.data
  return { error: new RememberedError(facts), state, since }
}
