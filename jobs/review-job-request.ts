import { z } from 'zod'
import { commitSha } from '../ports/ids.ts'

/** The comment that asked, for reactions and replies. */
const askedIn = z.strictObject({ kind: z.enum(['issue', 'review']), id: z.int().positive() })

/** What a review job is asked; stored with the job as plain JSON. */
export const reviewJobRequest = z.strictObject({
  /** `command`: somebody asked and gets an answer in any case. `auto`: an event did; "nothing new" stays silent. */
  trigger: z.enum(['command', 'auto']),
  /** What to look at most. */
  focus: z.string().max(1_000).nullable().default(null),
  /** Overrides the policy's model. */
  model: z.string().max(200).nullable().default(null),
  /** Forgets what earlier rounds saw and reads everything again; dismissals stay. */
  full: z.boolean().default(false),
  /** Answers what a review would take, and rents nothing. */
  estimate: z.boolean().default(false),
  /** Lowers the policy's limit per job. */
  maxCostMicroUsd: z.int().nonnegative().nullable().default(null),
  comment: askedIn.nullable().default(null),
  /** Set where a command holds for one commit only (forks): another head is refused. */
  boundTo: commitSha.nullable().default(null),
})
export type ReviewJobRequest = z.infer<typeof reviewJobRequest>

/** What an ask job is asked. */
export const askJobRequest = z.strictObject({
  question: z.string().min(1).max(4_000),
  comment: askedIn.nullable().default(null),
  boundTo: commitSha.nullable().default(null),
})
export type AskJobRequest = z.infer<typeof askJobRequest>
