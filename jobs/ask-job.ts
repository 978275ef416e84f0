import { z } from 'zod'
import { GithubError } from '../ports/errors.ts'
import type { Json } from '../ports/store.ts'
import { emptyMemory } from '../review/rank/memory.ts'
import { sanitizeModelText } from '../review/prove/sanitize.ts'
import { renderAskAnswer } from '../review/render/ask-answer.ts'
import type { AskRun } from '../review/run-ask.ts'
import { answerOnce } from './answer-once.ts'
import type { JobContext, JobDefinition, JobEnd } from './definition.ts'
import { gatherChange, gatheredChange, inputsOf } from './review-job-gather.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { reactToEnd } from './review-job-react.ts'
import { type AskJobRequest, askJobRequest } from './review-job-request.ts'
import { askOnEngine } from './review-job-run.ts'
import { obstacleOf, subjectOf } from './review-job-subject.ts'
import { microUsd } from '../ports/money.ts'

const begunShape = z.object({ seed: z.number(), mark: z.string(), startedAt: z.number() })

/** `/devloop ask QUESTION`: answers about a pull request's change in a comment of its own. */
export function askJob(parts: ReviewJobParts): JobDefinition<AskJobRequest> {
  return {
    kind: 'ask',
    parse: (request) => askJobRequest.parse(request),
    run: (context) => run(context, parts),
    async onFailed(context, error) {
      const subject = subjectOf(context.job, parts.github)
      const text = `**The question could not be answered:** ${sanitizeModelText(`${error.message} ${error.remedy}`, 1_000)}`
      await answerOnce(context, subject, context.request.comment, text, parts)
      await reactToEnd(context, subject, context.request.comment, false, parts)
    },
  }
}

async function run(context: JobContext<AskJobRequest>, parts: ReviewJobParts): Promise<JobEnd> {
  const { request, job } = context
  const subject = subjectOf(job, parts.github)
  const { repository, number } = subject
  const view = await repository.pullRequests.get(number).catch((error: unknown) => {
    if (error instanceof GithubError && error.code === 'not-found') return null
    throw error
  })
  if (view === null) return ended('failed', { problem: 'The pull request does not exist any more.' }, 0)
  const mayMatter = view.state === 'open' && !context.isRecorded('result')
  const obstacle = mayMatter ? obstacleOf(view, request.boundTo) : null
  if (obstacle !== null) {
    await answerOnce(context, subject, request.comment, obstacle, parts)
    await reactToEnd(context, subject, request.comment, false, parts)
    return ended('failed', { problem: obstacle }, 0)
  }
  const config = await parts.policyAt(repository, view.baseSha)
  const begun = begunShape.parse(
    await context.step('begin', async () => ({
      seed: Number.parseInt(parts.random.hex(3), 16),
      mark: parts.random.hex(6),
      startedAt: parts.clock.now(),
    })),
  )
  const recorded = await context.step('gather', async (): Promise<Json> => {
    return JSON.parse(JSON.stringify(await gatherChange(repository, view, config)))
  })
  const { headSha } = gatheredChange.parse(recorded)
  const answer = await askOnEngine(context, request.question, inputsOf(recorded, null, emptyMemory), config, {
    ...begun,
    model: config.review.model,
    inputHash: headSha,
    capMicroUsd: config.budget.perJobMicroUsd,
    onProgress: () => {},
    parts,
  })
  await context.setState('publishing')
  await answerOnce(context, subject, request.comment, renderAskAnswer(request.question, answer), parts)
  await reactToEnd(context, subject, request.comment, answer.answer !== null, parts)
  return ended(answer.answer === null ? 'failed' : 'answered', answerJson(answer, headSha), answer.cost.microUsd)
}

function ended(outcome: string, result: { readonly [key: string]: Json }, cost: number): JobEnd {
  return { outcome, result: { outcome, ...result }, costMicroUsd: microUsd(cost) }
}

function answerJson(
  { answer, evidence, partsRead, partsAll, usage, promptHashes, problem, model, digest, pod }: AskRun,
  headSha: string,
) {
  return {
    answer,
    evidence: evidence.map((each) => ({ ...each })),
    partsRead,
    partsAll,
    usage: { ...usage },
    problem,
    receipt: { headSha, model, digest, pod, promptHashes: [...promptHashes] },
  }
}
