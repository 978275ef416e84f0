import type { ReviewConfig } from '../config/resolved-config.ts'
import { costOf, type MicroUsd } from '../ports/money.ts'
import type { CoverageEntry } from './finding.ts'
import type { ReviewInputs } from './gather/inputs.ts'
import { modelSettings } from './models.ts'
import { coverageOf } from './pack/coverage.ts'
import type { TokenRatio } from './pack/token-ratio.ts'
import { prepare } from './prepare.ts'

/** What a review would take; nothing is rented to find out. */
export interface Estimate {
  readonly model: string
  readonly prompts: number
  readonly promptTokens: number
  /** Renting, booting, pulling and loading, when no pod is warm. */
  readonly startMs: number
  readonly modelMs: number
  readonly microUsd: MicroUsd
  /** As it would stand if every prompt were answered. */
  readonly coverage: readonly CoverageEntry[]
}

/** One RTX 4090 and a 30b mixture model: prompt and answer tokens a second and slot (ollama.md section 11, rounded down). */
const promptTokensPerSecond = 2_000
const answerTokensPerSecond = 60
const answerTokens = 350
/** Finding, and doubting what was found. */
const callsPerPrompt = 1.5
const coldStartMs = 150_000

export async function estimateReview(
  inputs: ReviewInputs,
  config: ReviewConfig,
  choices: {
    readonly model: string
    readonly ratio: TokenRatio
    readonly maxPrompts: number
    readonly microUsdPerHour: MicroUsd
  },
): Promise<Estimate> {
  const { model, ratio, maxPrompts, microUsdPerHour } = choices
  const settings = modelSettings(model)
  const prepared = await prepare(inputs, {
    config,
    settings,
    ratio,
    maxPrompts,
    slots: settings.parallel,
    mark: '00000000',
    readHead: async () => null,
  })
  const { prompts } = prepared.packing
  const promptTokens = prompts.reduce((sum, prompt) => sum + prompt.estimatedTokens, 0)
  const slots = Math.max(1, Math.min(settings.parallel, prompts.length))
  const readMs = (promptTokens / promptTokensPerSecond) * 1000
  const writeMs = ((prompts.length * callsPerPrompt * answerTokens) / answerTokensPerSecond / slots) * 1000
  const modelMs = prompts.length === 0 ? 0 : Math.round(readMs + writeMs)
  const startMs = prompts.length === 0 ? 0 : coldStartMs
  const outcomes = prompts.flatMap(({ parts }) =>
    parts.map(({ path, hunk }) => ({ path, hunk, state: 'reviewed' as const })),
  )
  return {
    model,
    prompts: prompts.length,
    promptTokens,
    startMs,
    modelMs,
    microUsd: costOf(microUsdPerHour, startMs + modelMs),
    coverage: coverageOf(prepared.packing, prepared.skipped, outcomes, 'budget'),
  }
}
