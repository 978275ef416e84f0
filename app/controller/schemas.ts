import { z } from '@hono/zod-openapi'

/** Shapes of the controller's public answers (DESIGN: public promises). */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    remedy: z.string(),
    requestId: z.string(),
  })
  .openapi('Problem')

export const inferRequestSchema = z
  .strictObject({
    prompt: z.string().min(1).max(2_000_000),
    model: z.string().min(1).max(200).optional(),
    system: z.string().max(200_000).optional(),
    format: z.union([z.literal('json'), z.record(z.string(), z.unknown())]).optional(),
    options: z.record(z.string(), z.unknown()).optional(),
    stream: z.boolean().optional(),
    maxCostUsd: z.number().positive().max(1_000).optional(),
  })
  .openapi('InferRequest')
export type InferRequest = z.infer<typeof inferRequestSchema>

export const inferAnswerSchema = z
  .object({
    id: z.string(),
    model: z.string(),
    output: z.string(),
    usage: z.object({ promptTokens: z.number().int(), completionTokens: z.number().int() }),
    timing: z.object({ queueMs: z.number(), spinUpMs: z.number(), inferMs: z.number() }),
    cost: z.object({ usd: z.number() }),
  })
  .openapi('InferAnswer')
export type InferAnswer = z.infer<typeof inferAnswerSchema>

export const podViewSchema = z.object({
  name: z.string(),
  id: z.string().nullable(),
  state: z.string(),
  gpu: z.string(),
  model: z.string(),
  usdPerHour: z.number(),
  createdAt: z.string(),
  idleSeconds: z.number().nullable(),
  leases: z.number().int(),
})

export const statusSchema = z
  .object({
    pod: podViewSchema.nullable(),
    pods: z.array(podViewSchema),
    queue: z.object({ waiting: z.number().int(), active: z.number().int() }),
    cost: z.object({
      todayUsd: z.number(),
      monthUsd: z.number(),
      budget: z.object({ perDayUsd: z.number(), perMonthUsd: z.number() }),
    }),
    metrics: z.object({
      idleSpendRatio: z.number().nullable(),
      spinUpP95Ms: z.number().nullable(),
      inferenceP95Ms: z.number().nullable(),
      usdPerJob: z.number().nullable(),
      planDrift: z.number().nullable(),
    }),
  })
  .openapi('Status')
export type StatusAnswer = z.infer<typeof statusSchema>

export const jobSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.string(),
    outcome: z.string().nullable(),
    repository: z.string().nullable(),
    pullRequest: z.number().int().nullable(),
    requestedBy: z.string().nullable(),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
    cost: z.object({ usd: z.number() }),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
    result: z.unknown(),
  })
  .openapi('Job')
export type JobAnswer = z.infer<typeof jobSchema>

export const jobPageSchema = z
  .object({ jobs: z.array(jobSchema), nextCursor: z.string().nullable() })
  .openapi('JobPage')

export const controlAnswerSchema = z.object({ state: z.string(), message: z.string() }).openapi('ControlAnswer')
