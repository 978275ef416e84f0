import type { ResolvedConfig } from '../config/resolved-config.ts'
import { type CodedError, GithubError } from '../ports/errors.ts'
import type { PullRequestView } from '../ports/github.ts'
import { type CommitSha, commitSha, type JobId } from '../ports/ids.ts'
import { type MicroUsd, microUsd } from '../ports/money.ts'
import type { Json } from '../ports/store.ts'
import type { ReviewInputs } from '../review/gather/inputs.ts'
import { inputHash } from '../review/rank/input-hash.ts'
import { failureCheck, renderFailure } from '../review/render/failure.ts'
import type { JobContext, JobDefinition, JobEnd } from './definition.ts'
import { answerEstimate } from './review-job-estimate.ts'
import { gatherChange, gatheredChange, inputsOf } from './review-job-gather.ts'
import { listEarlier, readMemory } from './review-job-memory.ts'
import { sayNothingNew } from './review-job-nothing-new.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { publishReview } from './review-job-publish.ts'
import { reactToEnd } from './review-job-react.ts'
import { createReport, whenPermitted } from './review-job-report.ts'
import { type ReviewJobRequest, reviewJobRequest } from './review-job-request.ts'
import { runOnEngine } from './review-job-run.ts'
import { obstacleOf, type Subject, subjectOf } from './review-job-subject.ts'

/** `/devloop review`: reads a pull request at one head, says on it what was found, what was not read and what it cost. */
export function reviewJob(parts: ReviewJobParts): JobDefinition<ReviewJobRequest> {
  return {
    kind: 'review',
    parse: (request) => reviewJobRequest.parse(request),
    run: (context) => run(context, parts),
    onFailed: (context, error) => tellFailure(context, error, parts),
  }
}

async function run(context: JobContext<ReviewJobRequest>, parts: ReviewJobParts): Promise<JobEnd> {
  const { request, job } = context
  const subject = subjectOf(job, parts.github)
  const view = await findView(subject)
  if (view === null) return endUnread(context, subject, null, 'The pull request does not exist any more.', parts)
  // What was read is paid for: it is shown, with what became of the pull request meanwhile.
  const obstacle = context.isRecorded('result') ? null : obstacleOf(view, request.boundTo)
  if (obstacle !== null) return endUnread(context, subject, view, obstacle, parts)
  const config = await parts.policyAt(subject.repository, view.baseSha)
  const begun = await context.step('begin', async () => ({
    seed: Number.parseInt(parts.random.hex(3), 16),
    mark: parts.random.hex(6),
    startedAt: parts.clock.now(),
  }))
  const recorded = await context.step('gather', async () =>
    toJson(await gatherChange(subject.repository, view, config)),
  )
  const change = gatheredChange.parse(recorded)
  const { login } = await parts.github.identity()
  const { memory, threads } = await readMemory(subject, job.id, login, parts.reviews)
  // What is said already stands in its thread; a full review only forgets what it need not look at again.
  const forgetful = { ...memory, rounds: 0, seen: {} }
  const inputs = inputsOf(recorded, request.focus, request.full ? forgetful : memory)
  const model = request.model ?? config.review.model
  if (request.estimate)
    return answerEstimate(context, subject, inputs, config, { model, capMicroUsd: capOf(request, config) }, parts)
  const hash = hashOf(inputs, config, model)
  const same = request.full ? undefined : await findSame(subject, job.id, hash, parts)
  if (same !== undefined) return sayNothingNew(context, subject, change.headSha, same, parts)
  const report = createReport(context, subject, await reportedHead(context, change.headSha), parts)
  const detailsUrl = parts.detailsUrl(job.id)
  const progress = {
    headSha: change.headSha,
    phase: 'gathering' as const,
    detail: '',
    filesDone: 0,
    promptsDone: 0,
    promptsAll: 0,
    filesAll: change.files.length,
    spentMicroUsd: microUsd(0),
    elapsedMs: parts.clock.now() - begun.startedAt,
    detailsUrl,
  }
  if (!(await report.begin(progress))) {
    const message =
      'GitHub lets DevLoop write neither comments nor checks on this pull request, so nobody would see a review.'
    await context.event('refused', message)
    const result = { outcome: 'failed', shortfall: message, isUnwritable: true }
    return { outcome: 'failed', result, costMicroUsd: microUsd(0) }
  }
  const done = await runOnEngine(context, inputs, config, {
    ...begun,
    model,
    inputHash: hash,
    capMicroUsd: capOf(request, config),
    onProgress: (patch) => report.progress({ ...progress, ...patch, elapsedMs: parts.clock.now() - begun.startedAt }),
    parts,
  }).finally(report.stop)
  return publishReview(context, { subject, inputs, done, threads, report, parts })
}

/** Null when it was deleted, with its repository for instance. */
async function findView({ repository, number }: Subject): Promise<PullRequestView | null> {
  try {
    return await repository.pullRequests.get(number)
  } catch (error) {
    if (error instanceof GithubError && error.code === 'not-found') return null
    throw error
  }
}

function hashOf(inputs: ReviewInputs, config: ResolvedConfig, model: string): string {
  const guidelines = inputs.guidelines.map(({ source, text }) => `${source}\n${text}`)
  return inputHash(inputs.diff, { config: config.review, model, focus: inputs.focus, guidelines })
}

/** A whole review of the same input; a partial or failed one is worth another try. */
async function findSame(subject: Subject, jobId: JobId, hash: string, parts: ReviewJobParts) {
  const earlier = await listEarlier(subject, jobId, parts.reviews)
  return earlier.find(
    ({ inputHash: known, outcome }) => known === hash && (outcome === 'posted' || outcome === 'clean'),
  )
}

function capOf(request: ReviewJobRequest, config: ResolvedConfig): MicroUsd {
  const policy = config.budget.perJobMicroUsd
  return request.maxCostMicroUsd === null ? policy : microUsd(Math.min(policy, request.maxCostMicroUsd))
}

async function endUnread(
  context: JobContext<ReviewJobRequest>,
  subject: Subject,
  view: PullRequestView | null,
  message: string,
  parts: ReviewJobParts,
): Promise<JobEnd> {
  await context.event('ended', message)
  if (view !== null) await tell(context, subject, { kind: 'failed', message, remedy: '' }, view.headSha, parts)
  return { outcome: 'failed', result: { outcome: 'failed', shortfall: message }, costMicroUsd: microUsd(0) }
}

async function tellFailure(context: JobContext<ReviewJobRequest>, error: CodedError, parts: ReviewJobParts) {
  const subject = subjectOf(context.job, parts.github)
  const view = await whenPermitted(() => subject.repository.pullRequests.get(subject.number))
  if (view === null) return
  const kind = error.code === 'cancelled' ? 'cancelled' : 'failed'
  const { message, remedy } = error
  await tell(context, subject, { kind, message, remedy }, context.job.headSha ?? view.headSha, parts)
}

async function tell(
  context: JobContext<ReviewJobRequest>,
  subject: Subject,
  what: { readonly kind: 'failed' | 'cancelled'; readonly message: string; readonly remedy: string },
  headSha: string,
  parts: ReviewJobParts,
): Promise<void> {
  const reportedAt = await reportedHead(context, headSha)
  const failure = { ...what, headSha: reportedAt, detailsUrl: parts.detailsUrl(context.job.id) }
  const report = createReport(context, subject, reportedAt, parts)
  await report.end(renderFailure(failure), failureCheck(failure, reportedAt))
  await reactToEnd(context, subject, context.request.comment, false, parts)
}

/** The commit whose check run shows this job: the head may move between attempts, and what was begun there must end there. */
async function reportedHead(context: JobContext<unknown>, headSha: string): Promise<CommitSha> {
  return commitSha.parse(await context.step('report-head', async () => headSha))
}

/** Plain values with optional fields left out; what a recorded step may hold. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value))
}
