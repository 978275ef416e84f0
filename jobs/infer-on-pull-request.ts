import { z } from 'zod'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Clock } from '../ports/clock.ts'
import { formatUsd, microUsdFromUsd } from '../ports/money.ts'
import type { JobRow } from '../ports/store.ts'
import { modelSettings } from '../review/models.ts'
import { cleanModelText } from '../review/prove/clean-text.ts'
import { sanitizeModelText } from '../review/prove/sanitize.ts'
import { maskSecrets } from '../review/secrets/mask.ts'
import { answerOnce } from './answer-once.ts'
import type { InferJobParts, InferJobRequest, InferResult } from './infer-job.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { reactToEnd } from './review-job-react.ts'
import { subjectOf } from './review-job-subject.ts'

export interface InferWorld extends Pick<InferJobParts, 'engines'>, Pick<ReviewJobParts, 'policyAt' | 'log'> {
  readonly clock: Clock
  /** Null for a controller without GitHub: then every job comes from a client that fetches its result. */
  readonly github: ReviewJobParts['github'] | null
  /** The limits of the whole installation, for jobs of the controller. */
  readonly config: ResolvedConfig
}

/** What GitHub takes is 65,536 characters; more than this nobody reads in a comment. */
const MOST_CHARACTERS = 20_000

const place = z.object({ path: z.string(), line: z.number().nullable(), hunk: z.string() })

/** Infer jobs of both doors: the answer to a comment goes into its thread, the answer to a client waits as the job's result. */
export function inferJobParts(world: InferWorld): InferJobParts {
  const { github, engines, clock, config } = world
  const policyOf = async (job: JobRow): Promise<ResolvedConfig> => {
    if (github === null || job.repository === null || job.pullRequest === null) return config
    const { repository, number } = subjectOf(job, github)
    return world.policyAt(repository, (await repository.pullRequests.get(number)).baseSha)
  }
  return {
    engines,
    clock,
    log: world.log,
    async settingsOf(job, request) {
      const { review, budget } = await policyOf(job)
      const model = request.model ?? review.model
      const { load, maxOutputTokens } = modelSettings(model)
      return { model, load, maxOutputTokens, maxCostMicroUsd: budget.perJobMicroUsd }
    },
    promptOf: async (job, request) => (job.repository === null ? request.prompt : promptOnLine(request)),
    async deliver(context, result) {
      if (github === null || context.job.repository === null) return
      const subject = subjectOf(context.job, github)
      const { comment = null, prompt } = context.request
      await answerOnce(context, subject, comment, renderInferAnswer(prompt, result), { github })
      await reactToEnd(context, subject, comment, true, world)
    },
    async tellFailed(context, error) {
      if (github === null || context.job.repository === null) return
      const subject = subjectOf(context.job, github)
      const { comment = null } = context.request
      const text = `**No answer:** ${sanitizeModelText(`${error.message} ${error.remedy}`, 1_000)}`
      await answerOnce(context, subject, comment, text, { github })
      await reactToEnd(context, subject, comment, false, world)
    },
  }
}

/** On a diff line also that hunk; a secret in either never reaches a model. */
function promptOnLine(request: InferJobRequest): string {
  const spot = place.safeParse(request.place)
  if (!spot.success) return maskSecrets(request.prompt)
  const { path, line, hunk } = spot.data
  const where = line === null ? path : `${path}, line ${line}`
  return maskSecrets(`${request.prompt}\n\nThe question stands at ${where}, in this part of the diff:\n\n${hunk}`)
}

/** The answer to `/infer`, as a comment. */
export function renderInferAnswer(prompt: string, { output, model, usage, cost }: InferResult): string {
  const asked = prompt.split('\n').slice(0, 5)
  const quoted = asked.map((line) => `> ${sanitizeModelText(maskSecrets(line), 300)}`).join('\n')
  const said = maskSecrets(output)
  const shown = sanitizeModelText(said, MOST_CHARACTERS)
  const cut = cleanModelText(said).length > MOST_CHARACTERS
  const receipt = [
    model,
    `${usage.promptTokens.toLocaleString('en-US')} tokens in, ${usage.completionTokens.toLocaleString('en-US')} out`,
    formatUsd(microUsdFromUsd(cost.usd)),
  ].join(' · ')
  return [
    quoted,
    shown === '' ? 'The model said nothing.' : shown,
    ...(cut
      ? [`> The answer was longer; the first ${MOST_CHARACTERS.toLocaleString('en-US')} characters are shown.`]
      : []),
    `<sub>${receipt}</sub>`,
  ].join('\n\n')
}
