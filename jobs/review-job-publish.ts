import { GithubError, isCodedError, StoreError } from '../ports/errors.ts'
import { type CommitSha, commitSha } from '../ports/ids.ts'
import type { ReviewInputs } from '../review/gather/inputs.ts'
import type { ReviewRun } from '../review/pipeline.ts'
import { reviewBody } from '../review/rank/stored-body.ts'
import { reviewCheck } from '../review/render/check-run.ts'
import { reviewJson } from '../review/render/json.ts'
import { renderSummary } from '../review/render/summary.ts'
import type { ReviewResult } from '../review/result.ts'
import type { JobContext, JobEnd } from './definition.ts'
import type { OwnThread } from './review-job-memory.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { postReview } from './review-job-post.ts'
import { reactToEnd } from './review-job-react.ts'
import { isLost, type Report } from './review-job-report.ts'
import type { ReviewJobRequest } from './review-job-request.ts'
import type { Subject } from './review-job-subject.ts'

export interface Publication {
  readonly subject: Subject
  readonly inputs: ReviewInputs
  readonly done: ReviewRun
  readonly threads: readonly OwnThread[]
  readonly report: Report
  readonly parts: ReviewJobParts
}

/** Shows a finished review: findings at their lines, threads of fixed ones resolved, summary, check run; then remembers it. */
export async function publishReview(context: JobContext<ReviewJobRequest>, publication: Publication): Promise<JobEnd> {
  const { subject, inputs, done, threads, report, parts } = publication
  const { job } = context
  await context.setState('publishing')
  const headSha = headOf(inputs)
  const state = await context.step('reread', () => reread(subject))
  const isOpen = state.kind === 'open'
  const posted = isOpen
    ? await postReview(context, subject, headSha, done.result.ranking.inline)
    : { url: null, refusal: null }
  const notes = [...meanwhile(state, headSha), ...refusalNotes(posted.refusal)]
  const result = withNotes(isOpen && posted.refusal === null ? done.result : folded(done.result), notes)
  parts.onResult?.(result)
  if (isOpen) await resolveFixed(context, subject, result, threads, parts)
  const detailsUrl = parts.detailsUrl(job.id)
  await report.end(renderSummary(result, { detailsUrl, withMarker: true }), reviewCheck(result, detailsUrl))
  await remember(context, subject, result, done, parts)
  await reactToEnd(context, subject, context.request.comment, result.outcome !== 'failed', parts)
  await context.event('published', `The review ended as ${result.outcome}`, {
    outcome: result.outcome,
    url: posted.url,
  })
  return {
    outcome: result.outcome,
    result: { ...reviewJson(result), reviewUrl: posted.url },
    costMicroUsd: result.cost.microUsd,
  }
}

type Reread = { readonly kind: 'open' | 'closed' | 'gone'; readonly headSha: string | null }

/** What became of the pull request while the model read it. */
async function reread({ repository, number }: Subject): Promise<Reread> {
  try {
    const view = await repository.pullRequests.get(number)
    return { kind: view.state === 'open' ? 'open' : 'closed', headSha: view.headSha }
  } catch (error) {
    if (error instanceof GithubError && error.code === 'not-found') return { kind: 'gone', headSha: null }
    throw error
  }
}

function meanwhile({ kind, headSha: now }: Reread, headSha: CommitSha): string[] {
  const notes: string[] = []
  if (kind === 'closed')
    notes.push('The pull request was closed while it was read: findings stand here only, not at their lines.')
  if (now !== null && now !== headSha) {
    notes.push(
      `The head moved to \`${now.slice(0, 10)}\` while \`${headSha.slice(0, 10)}\` was read: what is said here is about the older commit.`,
    )
  }
  return notes
}

function refusalNotes(refusal: string | null): string[] {
  return refusal === null ? [] : [`GitHub refused comments at the lines, so the findings stand here only (${refusal})`]
}

function withNotes(result: ReviewResult, notes: readonly string[]): ReviewResult {
  return { ...result, notes: [...result.notes, ...notes] }
}

/** Findings that do not stand at their lines are told in full in the summary. */
function folded(result: ReviewResult): ReviewResult {
  const { ranking } = result
  return { ...result, ranking: { ...ranking, inline: [], folded: [...ranking.inline, ...ranking.folded] } }
}

async function resolveFixed(
  context: JobContext<unknown>,
  { repository }: Subject,
  result: ReviewResult,
  threads: readonly OwnThread[],
  parts: ReviewJobParts,
): Promise<void> {
  const fixed = new Set(result.ranking.fixed.map(({ id }) => id))
  for (const { id, threadId, isResolved } of threads) {
    if (isResolved || !fixed.has(id)) continue
    await context.step(`resolve/${threadId}`, async () => {
      await context.assertOwned()
      try {
        await repository.reviews.resolveThread(threadId)
      } catch (error) {
        // Resolving twice changes nothing; a thread that stays open is no reason to fail a review.
        if (!isCodedError(error) || error instanceof StoreError) throw error
        parts.log.warn(
          { job: context.job.id, code: error.code, lost: isLost(error) },
          'a fixed thread could not be resolved',
        )
      }
      return null
    })
  }
}

async function remember(
  context: JobContext<unknown>,
  { repository, number }: Subject,
  result: ReviewResult,
  done: ReviewRun,
  parts: ReviewJobParts,
): Promise<void> {
  const { job } = context
  await context.step('remember', async () => {
    try {
      await parts.reviews.add({
        id: job.id,
        jobId: job.id,
        repository: repository.ref.name,
        pullRequest: number,
        headSha: headOf(result.receipt),
        outcome: result.outcome,
        inputHash: result.receipt.inputHash,
        fullCoverage: result.outcome === 'posted' || result.outcome === 'clean',
        body: reviewBody(result, done.seen),
        createdAt: parts.clock.now(),
      })
    } catch (error) {
      // Stored by an attempt that ended before it could record this step.
      if (!(error instanceof StoreError && error.code === 'conflict')) throw error
    }
    return null
  })
}

function headOf({ headSha }: { readonly headSha: string }): CommitSha {
  return commitSha.parse(headSha)
}
