import { z } from 'zod'

/** Counters and durations are left out by the server when they are 0. */
const count = z.number().int().nonnegative().catch(0).default(0)
const nanoseconds = z.number().nonnegative().catch(0).default(0)

/** One line of a chat stream; an error line can end a stream that began with 200. */
export const chatLine = z.object({
  error: z.unknown().optional(),
  /** Beside an error: the status that our guard could no longer send. */
  status: z.number().optional().catch(undefined),
  model: z.string().optional(),
  message: z.object({ content: z.string().nullish(), thinking: z.string().nullish() }).nullish().catch(null),
  done: z.boolean().catch(false).default(false),
  done_reason: z.string().nullish().catch(null),
  prompt_eval_count: count,
  eval_count: count,
  load_duration: nanoseconds,
  prompt_eval_duration: nanoseconds,
  eval_duration: nanoseconds,
})
export type ChatLine = z.infer<typeof chatLine>

export const embedReply = z.object({ embeddings: z.array(z.array(z.number())) })

export const tagsReply = z.object({
  models: z.array(
    z.object({ name: z.string(), digest: z.string().catch('').default(''), size: z.number().catch(0).default(0) }),
  ),
})

export const runningReply = z.object({
  models: z.array(z.object({ name: z.string(), size: z.number(), size_vram: z.number().catch(0).default(0) })),
})

export const showReply = z.object({
  capabilities: z.array(z.string()).nullish().catch(null),
  model_info: z.record(z.string(), z.unknown()).nullish().catch(null),
})

export const versionReply = z.object({ version: z.string() })

export const pullLine = z.object({
  error: z.unknown().optional(),
  status: z.string().catch('').default(''),
  digest: z.string().nullish().catch(null),
  total: z.number().nonnegative().nullish().catch(null),
  completed: z.number().nonnegative().nullish().catch(null),
})

const PHASES = ['starting', 'pulling', 'loading', 'probing', 'ready', 'failed', 'ending'] as const

/** What our guard says of itself. Strict in what matters: anything else at that address is the wrong service. */
export const guardReply = z.object({
  phase: z.enum(PHASES),
  model: z.string().nullish().catch(null),
  modelDigest: z.string().nullish().catch(null),
  progress: z.object({ completedBytes: z.number(), totalBytes: z.number() }).nullish().catch(null),
  inFlight: z.number().int().nonnegative(),
  lastUseAt: z.number().nullish().catch(null),
  deadlineAt: z.number(),
  error: z.string().nullish().catch(null),
})
