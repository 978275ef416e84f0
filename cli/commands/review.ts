import { formatUsd, usdFromMicroUsd } from '../../ports/money.ts'
import { quietReview } from '../../parts/quiet-review.ts'
import { maxPromptsFor } from '../../review/budget.ts'
import { type Estimate, estimateReview } from '../../review/estimate.ts'
import { unlearnedRatio } from '../../review/pack/token-ratio.ts'
import { renderEstimate } from '../../review/render/estimate.ts'
import { reviewJson } from '../../review/render/json.ts'
import { reviewSarif } from '../../review/render/sarif.ts'
import { renderSummary } from '../../review/render/summary.ts'
import { renderTerminal } from '../../review/render/terminal.ts'
import type { ReviewResult } from '../../review/result.ts'
import { withEngineWish } from '../engine.ts'
import { type DiffOptions, withDiff } from '../diff.ts'
import { maxCostOf } from '../max-cost.ts'
import { hasColours } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

export interface ReviewOptions extends DiffOptions {
  readonly model?: string
  readonly engine?: string
  readonly estimate?: boolean
  readonly maxCost?: number
  readonly format: 'text' | 'json' | 'markdown' | 'sarif'
  readonly json?: boolean
}

/** `devloop review`: what a model and the certain checks find in a local change. Exit 1 when there are findings or hunks nobody read. */
export function review(options: ReviewOptions, world: CliWorld): Promise<CommandResult> {
  const maxCostMicroUsd = options.maxCost === undefined ? undefined : maxCostOf(options.maxCost)
  const format = options.json ? 'json' : options.format
  return withDiff(options, world, async (source) => {
    const { config } = source
    if (options.estimate) {
      const cap = maxCostMicroUsd ?? config.budget.perJobMicroUsd
      const estimate = await estimateReview(source.inputs, config.review, {
        model: options.model ?? config.review.model,
        ratio: unlearnedRatio,
        maxPrompts: maxPromptsFor(cap, config.fleet.maxMicroUsdPerHour),
        microUsdPerHour: config.fleet.maxMicroUsdPerHour,
      })
      world.stdout(format === 'json' ? `${JSON.stringify(estimateJson(estimate))}\n` : `${renderEstimate(estimate)}\n`)
      return { exitCode: 0 }
    }
    const quiet = { ...options, json: format === 'json' || format === 'sarif' }
    const engine = { ...quiet, config, ...(maxCostMicroUsd === undefined ? {} : { maxCostMicroUsd }) }
    const { value, cost } = await withEngineWish(engine, world, (wish, progress) =>
      quietReview(source, wish, ({ phase, promptsDone, promptsAll, spentMicroUsd }) => {
        if (phase !== 'waiting')
          progress.say(`${phase}: ${promptsDone} of ${promptsAll} prompts, ${formatUsd(spentMicroUsd)}`)
      }),
    )
    world.signal.throwIfAborted()
    // What the pod cost until it was proven gone is known only after the review.
    const result = { ...value, cost: { ...value.cost, microUsd: cost } }
    world.stdout(rendered(result, format, hasColours(world)))
    return { exitCode: result.outcome === 'clean' ? 0 : result.outcome === 'failed' ? 3 : 1 }
  })
}

function rendered(result: ReviewResult, format: ReviewOptions['format'], colour: boolean): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(reviewJson(result))}\n`
    case 'sarif':
      return `${JSON.stringify(reviewSarif(result), null, 2)}\n`
    case 'markdown':
      return `${renderSummary(result, { detailsUrl: null, withMarker: false })}\n`
    case 'text':
      return renderTerminal(result, { colour })
  }
}

function estimateJson({ microUsd, coverage, startMs, modelMs, ...estimate }: Estimate) {
  return {
    ...estimate,
    startSeconds: startMs / 1000,
    modelSeconds: modelMs / 1000,
    cost: { usd: usdFromMicroUsd(microUsd) },
    coverage: coverage.map(({ path, hunk, state, reason }) => ({ path, hunk, state, ...(reason ? { reason } : {}) })),
  }
}
