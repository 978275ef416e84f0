import { z } from 'zod'
import type { Clock } from '../ports/clock.ts'
import type { CodedError } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import type { ChatAnswer, EngineLease, Engines, LoadOptions } from '../ports/model.ts'
import { type MicroUsd, microUsd, usdFromMicroUsd } from '../ports/money.ts'
import type { JobRow } from '../ports/store.ts'
import type { JobContext, JobDefinition } from './definition.ts'
import { tellPhase } from './tell-phase.ts'

const inferRequest = z.object({
  prompt: z.string().min(1),
  model: z.string().min(1).optional(),
  system: z.string().optional(),
  /** A JSON Schema for the answer; `json` stands for any object. */
  format: z
    .union([z.literal('json').transform(() => ({ type: 'object' })), z.record(z.string(), z.unknown())])
    .optional(),
  options: z.object({ num_predict: z.int().positive(), temperature: z.number(), seed: z.int() }).partial().optional(),
  maxCostMicroUsd: z.int().nonnegative().transform(microUsd).nullish(),
  /** The diff line a comment stands on. */
  place: z.json().optional(),
  comment: z.object({ kind: z.enum(['issue', 'review']), id: z.int() }).nullish(),
})
export type InferJobRequest = z.infer<typeof inferRequest>

/** The public answer of `POST /infer`, kept as the job's result. */
export interface InferResult {
  readonly id: string
  readonly model: string
  readonly output: string
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number }
  readonly timing: { readonly queueMs: number; readonly spinUpMs: number; readonly inferMs: number }
  readonly cost: { readonly usd: number }
}

export interface InferSettings {
  readonly model: string
  readonly load: LoadOptions
  readonly maxOutputTokens: number
  readonly maxCostMicroUsd: MicroUsd
}

export interface InferJobParts {
  readonly engines: Engines
  readonly clock: Clock
  readonly log: Log
  /** Model, window and allowance where the request leaves them open, by the policy of the job's repository. */
  settingsOf(job: JobRow, request: InferJobRequest): Promise<InferSettings>
  /** What is sent for the prompt: on a diff line also that hunk. */
  promptOf(job: JobRow, request: InferJobRequest): Promise<string>
  /** Brings the answer to where it was asked, idempotently; nothing to do for the controller, whose clients fetch the result. */
  deliver(context: JobContext<InferJobRequest>, result: InferResult): Promise<void>
  /** Tells the person who asked that there will be no answer. */
  tellFailed(context: JobContext<InferJobRequest>, error: CodedError): Promise<void>
}

/** One prompt, one answer. */
export function createInferJob(parts: InferJobParts): JobDefinition<InferJobRequest> {
  return {
    kind: 'infer',
    parse: (request) => inferRequest.parse(request),
    async run(context) {
      const answered = await context.step('infer', () => answer(parts, context))
      const { costMicroUsd, ...result } = answered
      await context.setState('publishing')
      await context.step('deliver', async () => {
        await context.assertOwned()
        await parts.deliver(context, result)
        return true
      })
      return { outcome: 'answered', result, costMicroUsd: microUsd(costMicroUsd) }
    },
    onFailed: (context, error) => parts.tellFailed(context, error),
  }
}

type Answered = InferResult & { readonly costMicroUsd: number }

async function answer(parts: InferJobParts, context: JobContext<InferJobRequest>) {
  const { engines, clock } = parts
  const { job, request, signal } = context
  const settings = await parts.settingsOf(job, request)
  const prompt = await parts.promptOf(job, request)
  await context.setState('waiting_pod')
  const askedAt = clock.now()
  const lease = await engines.acquire(
    {
      jobId: job.id,
      repository: job.repository,
      user: job.requestedBy,
      model: request.model ?? settings.model,
      load: settings.load,
      slotsWanted: 1,
      deadlineAt: job.deadlineAt,
      maxCostMicroUsd: lowest(request.maxCostMicroUsd, settings.maxCostMicroUsd),
      onPhase: (phase) => tellPhase(context, phase, parts.log),
    },
    signal,
  )
  try {
    await context.setState('running')
    const startedAt = clock.now()
    const said = await ask(lease, settings, request, prompt, signal)
    const timing = {
      queueMs: Math.max(0, askedAt - job.createdAt),
      spinUpMs: startedAt - askedAt,
      inferMs: clock.now() - startedAt,
    }
    await context.event('model-call', `The model answered with ${said.completionTokens} tokens.`, { ...timing })
    return answeredBy(job, lease, said, timing)
  } finally {
    await lease.release()
  }
}

function ask(
  lease: EngineLease,
  settings: InferSettings,
  request: InferJobRequest,
  prompt: string,
  signal: AbortSignal,
): Promise<ChatAnswer> {
  const system = request.system === undefined ? [] : [{ role: 'system' as const, content: request.system }]
  return lease.engine.chat(
    {
      model: lease.model,
      messages: [...system, { role: 'user', content: prompt }],
      ...(request.format === undefined ? {} : { schema: request.format }),
      load: settings.load,
      maxOutputTokens: request.options?.num_predict ?? settings.maxOutputTokens,
      temperature: request.options?.temperature ?? 0,
      seed: request.options?.seed ?? 0,
    },
    { signal: AbortSignal.any([signal, lease.lost]) },
  )
}

function answeredBy(job: JobRow, lease: EngineLease, said: ChatAnswer, timing: InferResult['timing']) {
  const { microUsd: costMicroUsd } = lease.costSoFar()
  const usage = { promptTokens: said.promptTokens, completionTokens: said.completionTokens }
  const cost = { usd: usdFromMicroUsd(costMicroUsd) }
  return { id: job.id, model: said.model, output: said.content, usage, timing, cost, costMicroUsd } satisfies Answered
}

function lowest(asked: MicroUsd | null | undefined, allowed: MicroUsd): MicroUsd {
  return asked === null || asked === undefined || asked > allowed ? allowed : asked
}
