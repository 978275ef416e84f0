import { z } from 'zod'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Clock } from '../ports/clock.ts'
import type { EngineDemand, EngineLease, EnginePhase, Engines } from '../ports/model.ts'
import { type MicroUsd, microUsd } from '../ports/money.ts'
import type { Json } from '../ports/store.ts'
import { maxPromptsFor } from '../review/budget.ts'
import type { ReviewInputs } from '../review/gather/inputs.ts'
import { type ReviewRun, runReview } from '../review/pipeline.ts'
import type { Progress } from '../review/render/progress.ts'
import type { ReviewCost } from '../review/result.ts'
import { type AskRun, runAsk } from '../review/run-ask.ts'
import type { EngineWish, ReviewChoices, ReviewWorld } from '../review/world.ts'
import type { JobContext } from './definition.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { subjectOf } from './review-job-subject.ts'
import { tellPhase } from './tell-phase.ts'
import { readTokenRatio, writeTokenRatio } from './token-ratio-fact.ts'

/** A dead engine is replaced this often; then the review ends with what it has. */
const mostRestarts = 2

export interface EngineRun {
  readonly model: string
  readonly seed: number
  readonly mark: string
  readonly startedAt: number
  readonly inputHash: string
  readonly capMicroUsd: MicroUsd
  readonly onProgress: (patch: Partial<Progress>) => void
  readonly parts: ReviewJobParts
}

/**
 * Runs the pipeline with the job's recorded steps and a rented engine; what earlier attempts spent is added to the cost. The result is
 * recorded as a whole: an attempt that has only to show it asks for no engine.
 */
export function runOnEngine(
  context: JobContext<unknown>,
  inputs: ReviewInputs,
  config: ResolvedConfig,
  run: EngineRun,
): Promise<ReviewRun> {
  return recorded(context, 'result', () =>
    withEngine(context, inputs, config, run, async (choices, world, spentBefore) => {
      const done = await runReview(inputs, config.review, choices, world)
      await writeTokenRatio(run.parts.facts, run.model, done.ratio)
      return { ...done, result: { ...done.result, cost: plusCost(done.result.cost, spentBefore) } }
    }),
  )
}

/** The same for a question about the change. */
export function askOnEngine(
  context: JobContext<unknown>,
  question: string,
  inputs: ReviewInputs,
  config: ResolvedConfig,
  run: EngineRun,
): Promise<AskRun> {
  return recorded(context, 'result', () =>
    withEngine(context, inputs, config, run, async (choices, world, spentBefore) => {
      const done = await runAsk(question, inputs, config.review, choices, world)
      return { ...done, cost: plusCost(done.cost, spentBefore) }
    }),
  )
}

async function withEngine<Result>(
  context: JobContext<unknown>,
  inputs: ReviewInputs,
  config: ResolvedConfig,
  run: EngineRun,
  body: (choices: ReviewChoices, world: ReviewWorld, spentBefore: MicroUsd) => Promise<Result>,
): Promise<Result> {
  const { job, signal } = context
  const { parts, capMicroUsd, model } = run
  const { engines } = parts
  const { repository } = subjectOf(job, parts.github)
  const spentBefore = await spentByEarlierAttempts(context)
  const leases: EngineLease[] = []
  const acquire = async (from: Engines, wish: EngineWish): Promise<EngineLease> => {
    await context.setState('waiting_pod')
    const spentSoFar = microUsd(leases.reduce((sum, lease) => sum + leaseCost(lease), spentBefore as number))
    const lease = await from.acquire(demandOf(context, wish, run, spentSoFar), signal)
    leases.push(lease)
    try {
      await context.setState('running')
      const where = lease.podName ?? 'a fixed engine'
      await context.event('engine', `${lease.model} on ${where}`, { gpu: lease.gpu, slots: lease.slots })
      return lease
    } catch (error) {
      await lease.release()
      throw error
    }
  }
  const world: ReviewWorld = {
    clock: parts.clock,
    signal,
    acquire: engines === null ? null : (wish) => acquire(engines, wish),
    step: (name, work) => recorded(context, name, () => told(context, parts.clock, name, work)),
    readHead: (path) => repository.contents.readFile(path, inputs.headSha),
    listHeadPaths: async () => {
      const tree = await repository.contents.listTree(inputs.headSha, '')
      return tree.complete ? new Set(tree.items.map(({ path }) => path)) : null
    },
    onProgress: (progress) => run.onProgress({ ...progress, detail: '' }),
    mayRestart: job.infrastructureRetries < mostRestarts,
  }
  const choices: ReviewChoices = {
    model,
    seed: run.seed,
    mark: run.mark,
    ratio: await readTokenRatio(parts.facts, model),
    maxPrompts: maxPromptsFor(capMicroUsd, config.fleet.maxMicroUsdPerHour),
    passes: 2,
    maxMicroUsd: capMicroUsd,
    startedAt: run.startedAt,
    inputHash: run.inputHash,
  }
  const keepCost = async () => {
    const spent = leases.reduce((sum, lease) => sum + leaseCost(lease), 0)
    if (spent > 0) await context.step(costStep(job.fence), async () => spent)
  }
  try {
    const result = await body(choices, world, spentBefore)
    await keepCost()
    return result
  } catch (error) {
    // The first reason for an end counts; the fleet's ledger has the cost all the same.
    await keepCost().catch(() =>
      parts.log.warn({ job: job.id }, 'the cost of a broken attempt was not kept with the job'),
    )
    throw error
  }
}

function demandOf(context: JobContext<unknown>, wish: EngineWish, run: EngineRun, spentBefore: MicroUsd): EngineDemand {
  const { job } = context
  return {
    ...wish,
    jobId: job.id,
    repository: job.repository,
    user: job.requestedBy,
    deadlineAt: job.deadlineAt,
    maxCostMicroUsd: microUsd(Math.max(0, run.capMicroUsd - spentBefore)),
    onPhase: (phase) => onPhase(context, phase, run),
  }
}

function onPhase(context: JobContext<unknown>, phase: EnginePhase, run: EngineRun): void {
  run.onProgress({ phase: 'waiting', detail: `${phase.phase}: ${phase.detail}` })
  tellPhase(context, phase, run.parts.log)
}

/** The values of review steps are plain JSON by their own types, which TypeScript cannot see through interfaces. */
function recorded<T>(context: JobContext<unknown>, name: string, body: () => Promise<T>): Promise<T> {
  return context.step(name, body as () => Promise<Json>) as Promise<T>
}

/** `find/<hash>/pass-2`, `doubt/<finding>`: as people read it. */
function callTitle(step: string): string {
  const [kind = '', key = '', pass] = step.split('/')
  if (kind === 'doubt') return `a second look at finding ${key}`
  if (kind === 'ask') return `reads a part for an answer (${key.slice(0, 8)})`
  const again = pass === undefined ? '' : `, ${pass.replace('-', ' ')}`
  return `reads a part of the change (${key.slice(0, 8)}${again})`
}

const calledSteps = /^(?:find|doubt|ask)\//u

/** A step that asks the model shows on the timeline, with when it began and the tokens it took. */
async function told<T>(context: JobContext<unknown>, clock: Clock, name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = clock.now()
  const value = await work()
  if (calledSteps.test(name)) {
    const { usage } = z.object({ usage: usageShape }).catch({ usage: undefined }).parse(value)
    await context.event('model-call', callTitle(name), { step: name, startedAt, ...usage })
  }
  return value
}

const usageShape = z.object({ calls: z.number(), promptTokens: z.number(), completionTokens: z.number() }).optional()

function leaseCost(lease: EngineLease): number {
  return lease.costSoFar().microUsd
}

function costStep(fence: number): string {
  return `cost/${fence}`
}

/** An attempt that never came to record its cost counts as 0 here; the ledger of the fleet has it all the same. */
async function spentByEarlierAttempts(context: JobContext<unknown>): Promise<MicroUsd> {
  let spent = 0
  for (let fence = 1; fence < context.job.fence; fence++) spent += await context.step(costStep(fence), async () => 0)
  return microUsd(spent)
}

function plusCost(cost: ReviewCost, spentBefore: MicroUsd): ReviewCost {
  return { ...cost, microUsd: microUsd(cost.microUsd + spentBefore) }
}
