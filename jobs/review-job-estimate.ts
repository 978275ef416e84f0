import type { ResolvedConfig } from '../config/resolved-config.ts'
import { type MicroUsd, microUsd } from '../ports/money.ts'
import { maxPromptsFor } from '../review/budget.ts'
import { estimateReview } from '../review/estimate.ts'
import type { ReviewInputs } from '../review/gather/inputs.ts'
import { renderEstimate } from '../review/render/estimate.ts'
import { answerOnce } from './answer-once.ts'
import type { JobContext, JobEnd } from './definition.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { reactToEnd } from './review-job-react.ts'
import type { ReviewJobRequest } from './review-job-request.ts'
import type { Subject } from './review-job-subject.ts'
import { readTokenRatio } from './token-ratio-fact.ts'

/** `/devloop review --estimate`: what a review would take, as a comment of its own. */
export async function answerEstimate(
  context: JobContext<ReviewJobRequest>,
  subject: Subject,
  inputs: ReviewInputs,
  config: ResolvedConfig,
  choice: { readonly model: string; readonly capMicroUsd: MicroUsd },
  parts: ReviewJobParts,
): Promise<JobEnd> {
  const { model, capMicroUsd } = choice
  const { maxMicroUsdPerHour } = config.fleet
  const estimate = await estimateReview(inputs, config.review, {
    model,
    ratio: await readTokenRatio(parts.facts, model),
    maxPrompts: maxPromptsFor(capMicroUsd, maxMicroUsdPerHour),
    microUsdPerHour: maxMicroUsdPerHour,
  })
  await answerOnce(context, subject, context.request.comment, renderEstimate(estimate), parts)
  await reactToEnd(context, subject, context.request.comment, true, parts)
  const { prompts, promptTokens, startMs, modelMs } = estimate
  return {
    outcome: 'answered',
    result: { estimate: { model, prompts, promptTokens, startMs, modelMs, microUsd: estimate.microUsd } },
    costMicroUsd: microUsd(0),
  }
}
