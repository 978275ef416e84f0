import { z } from 'zod'

const text = z.string().catch('')
const count = z.number().nullable().catch(null)

const finding = z.object({
  id: text,
  path: text,
  line: count,
  endLine: count,
  severity: z.enum(['critical', 'high', 'medium', 'low']).catch('low'),
  category: text,
  title: text,
  body: text,
  quote: text,
  suggestion: z.string().optional().catch(undefined),
})
export type ShownFinding = z.infer<typeof finding>

const reviewShape = z.object({
  findings: z.array(finding).catch([]),
  coverage: z.array(z.object({ path: text, hunk: text, state: text, reason: text.optional() })).catch([]),
  checklist: z.array(z.object({ topic: text, state: text, text })).catch([]),
  usage: z.object({ calls: count, promptTokens: count, completionTokens: count }).partial().catch({}),
  cost: z.object({ usd: count, gpuSeconds: count }).partial().catch({}),
  receipt: z.record(z.string(), z.unknown()).catch({}),
  shortfall: z.string().nullish().catch(null),
  notes: z.array(text).catch([]),
  reviewUrl: z.string().nullish().catch(null),
})
export type ShownReview = z.infer<typeof reviewShape>

const answerShape = z.object({
  model: text,
  output: z.string().optional(),
  usage: z.object({ promptTokens: count, completionTokens: count }).partial().catch({}),
  timing: z.object({ queueMs: count, spinUpMs: count, inferMs: count }).partial().catch({}),
})
export type ShownAnswer = z.infer<typeof answerShape>

/** The stored result of a review; fields of other versions are left out, never a reason to show nothing. */
export function parseReviewResult(result: unknown): ShownReview | undefined {
  return reviewShape.safeParse(result).data
}

/** The stored answer to a prompt. */
export function parseAnswerResult(result: unknown): ShownAnswer | undefined {
  return answerShape.safeParse(result).data
}

const promptShape = z.object({ prompt: z.string().optional(), question: z.string().optional() })

/** What was asked of the model in words, when the request has any. */
export function parsePrompt(request: unknown): string | undefined {
  const parsed = promptShape.safeParse(request).data
  return parsed?.prompt ?? parsed?.question
}
