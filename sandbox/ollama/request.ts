import { z } from 'zod'
import { Refusal } from './refusal.ts'

const optionValues = z.looseObject({
  num_ctx: z.number().optional(),
  num_predict: z.number().optional(),
  num_keep: z.number().optional(),
  temperature: z.number().optional(),
  seed: z.number().optional(),
  stop: z.array(z.string()).optional(),
})

const shared = {
  model: z.string().default(''),
  format: z.union([z.literal(''), z.literal('json'), z.record(z.string(), z.unknown())]).nullish(),
  options: optionValues.nullish(),
  stream: z.boolean().nullish(),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high', 'max'])]).nullish(),
  keep_alive: z.union([z.string(), z.number()]).nullish(),
  truncate: z.boolean().nullish(),
  shift: z.boolean().nullish(),
}

export const chatRequest = z.looseObject({
  ...shared,
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'user', 'assistant', 'tool']),
        content: z.string().default(''),
      }),
    )
    .nullish(),
  tools: z.array(z.unknown()).nullish(),
})

export const generateRequest = z.looseObject({
  ...shared,
  prompt: z.string().nullish(),
  system: z.string().nullish(),
  raw: z.boolean().nullish(),
})

/** Reads a body, or refuses it as the server does. */
export function parseBody<T>(schema: z.ZodType<T>, body: string): T {
  if (body.trim() === '') throw new Refusal(400, 'missing request body')
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (cause) {
    throw new Refusal(400, `invalid character in request body: ${cause instanceof Error ? cause.message : 'not JSON'}`)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Refusal(400, `json: cannot unmarshal field ${issue?.path.join('.')}: ${issue?.message}`)
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A duration as the API takes it: seconds, or text such as `10m`; negative is for ever. */
export function keepAliveMs(value: string | number | null | undefined): number | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'number') return value * 1_000
  const parts = [...value.matchAll(/(-?[\d.]+)(ms|s|m|h)/g)]
  if (parts.length > 0)
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? 's'] ?? 1), 0)
  const seconds = Number(value)
  if (Number.isNaN(seconds)) throw new Refusal(400, `time: invalid duration "${value}"`)
  return seconds * 1_000
}
