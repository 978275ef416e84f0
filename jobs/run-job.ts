import type { CodedError } from '../ports/errors.ts'
import { isCodedError, StoreError } from '../ports/errors.ts'
import { jobId } from '../ports/ids.ts'
import type { Queue } from '../ports/queue.ts'
import { retryDelayMs } from '../ports/retry-delay.ts'
import type { JobPatch, JobRow, Json } from '../ports/store.ts'
import { type Attempt, type AttemptParts, beginAttempt } from './attempt.ts'
import type { JobDefinition, JobEnd } from './definition.ts'
import { endBadly, endWell } from './end-job.ts'
import { JobsError } from './error.ts'
import { classify, gaveUp } from './failure.ts'
import { JobStop, stopOf } from './job-stop.ts'
import { awayMs, patiently } from './patience.ts'
import { queueOf } from './queue-of.ts'
import { ENDING, readEnding } from './remembered-ending.ts'
import type { createRunningJobs } from './running-jobs.ts'

const MOST_INFRASTRUCTURE_RETRIES = 2
/** How long a body may take to end after it was told to, before it is left behind. */
const STOP_WITHIN_MS = 1_500

export interface RunParts extends AttemptParts {
  readonly queue: Queue
  readonly running: ReturnType<typeof createRunningJobs>
  readonly definitionOf: (kind: JobRow['kind']) => JobDefinition<unknown> | undefined
}

/** Claims a job and runs one attempt. Rejects when the queue shall bring the job again. */
export async function runJob(parts: RunParts, subject: string, queueSignal: AbortSignal): Promise<void> {
  const job = await parts.store.jobs.claim(jobId.parse(subject), parts.clock.now())
  if (job === undefined) return
  const attempt = await beginAttempt(parts, job)
  const stop = new AbortController()
  const passOn = () => stop.abort(stopOf(queueSignal.reason))
  if (queueSignal.aborted) passOn()
  queueSignal.addEventListener('abort', passOn, { once: true })
  parts.running.add(job.id, job.fence, stop)
  try {
    await runAttempt(parts, job, attempt, stop)
  } catch (error) {
    if (error instanceof StoreError && error.code === 'fence-lost' && !(await isStillOurs(parts, job))) return
    throw error
  } finally {
    attempt.close()
    parts.running.remove(job.id, job.fence)
    queueSignal.removeEventListener('abort', passOn)
  }
}

async function runAttempt(parts: RunParts, job: JobRow, attempt: Attempt, stop: AbortController): Promise<void> {
  const definition = parts.definitionOf(job.kind)
  const parsed = parseRequest(definition, job)
  if ('error' in parsed) {
    return endBadly(parts, {
      job,
      attempt,
      definition: undefined,
      request: undefined,
      error: parsed.error,
      state: 'failed',
    })
  }
  const ending = readEnding(attempt.recorded(ENDING))
  if (ending !== undefined) {
    const { definition: known, request } = parsed
    return endBadly(parts, { job, attempt, definition: known, request, ...ending })
  }
  if (job.cancelRequested) stop.abort(new JobStop('cancelled'))
  try {
    const end = await runBody(parts, job, attempt, parsed.definition, parsed.request, stop)
    await endWell(parts, job, end)
  } catch (error) {
    await settleFailure(parts, { job, attempt, definition: parsed.definition, request: parsed.request }, error, stop)
  }
}

async function runBody(
  { clock }: RunParts,
  job: JobRow,
  attempt: Attempt,
  definition: JobDefinition<unknown>,
  request: unknown,
  stop: AbortController,
): Promise<JobEnd> {
  const over = new AbortController()
  const leftMs = Math.max(0, job.deadlineAt - clock.now())
  if (leftMs === 0) stop.abort(new JobStop('deadline'))
  clock.sleep(leftMs, over.signal).then(
    () => stop.abort(new JobStop('deadline')),
    () => {},
  )
  try {
    stop.signal.throwIfAborted()
    const body = definition.run(attempt.contextFor(request, stop.signal))
    return await Promise.race([body, abandonedAfterStop(clock, stop.signal, over.signal)])
  } finally {
    over.abort()
  }
}

/** Rejects when a body has been told to stop and still runs a moment later. */
function abandonedAfterStop(clock: RunParts['clock'], stop: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    stop.addEventListener(
      'abort',
      () => {
        clock.sleep(STOP_WITHIN_MS, over).then(
          () => reject(stop.reason),
          () => {},
        )
      },
      { once: true, signal: over },
    )
  })
}

type Ending = Pick<Parameters<typeof endBadly<unknown>>[1], 'job' | 'attempt' | 'definition' | 'request'>

async function settleFailure(parts: RunParts, ending: Ending, error: unknown, stop: AbortController): Promise<void> {
  const { store, clock, log } = parts
  const { job } = ending
  const failure = classify(error, stop.signal.reason)
  switch (failure.kind) {
    case 'leave':
      if (await isStillOurs(parts, job)) throw error
      return log.info({ jobId: job.id, fence: job.fence }, 'Another process has taken the job over; this attempt ends.')
    case 'cancelled':
      return endBadly(parts, { ...ending, error: failure.error, state: 'cancelled' })
    case 'final':
      return endBadly(parts, { ...ending, error: failure.error, state: 'failed' })
    case 'infrastructure':
      if (job.infrastructureRetries >= MOST_INFRASTRUCTURE_RETRIES) {
        return endBadly(parts, { ...ending, error: failure.error, state: 'failed' })
      }
      return retryAfterLoss(parts, job, failure.error)
    case 'away': {
      const delayMs = Math.max(failure.error.retryAfterMs ?? 0, awayMs(clock.now() - (job.startedAt ?? clock.now())))
      if (clock.now() + delayMs >= job.deadlineAt)
        return endBadly(parts, { ...ending, error: failure.error, state: 'failed' })
      log.warn({ error: failure.error, jobId: job.id, delayMs }, 'GitHub or the store is away; the job waits for it.')
      return sendAgain(parts, job, { state: 'queued' }, delayMs)
    }
    case 'drain':
    case 'again':
      await patiently(clock, () => store.jobs.update(job.id, job.fence, { state: 'queued' }))
      throw error
  }
}

/** A lost fence may be that of something else the job touched; then the job must not be left lying. */
async function isStillOurs({ store, clock }: RunParts, job: JobRow): Promise<boolean> {
  const row = await patiently(clock, () => store.jobs.find(job.id))
  return row !== undefined && row.endedAt === null && row.fence === job.fence
}

async function retryAfterLoss(parts: RunParts, job: JobRow, error: CodedError): Promise<void> {
  const retries = job.infrastructureRetries + 1
  parts.log.warn({ error, jobId: job.id, retries }, 'The engine of a job was lost; the job goes on with another.')
  await sendAgain(parts, job, { state: 'queued', infrastructureRetries: retries }, retryDelayMs(retries, error))
}

/** Sends the job again with its finished steps; in one transaction, so that it is neither lost nor counted twice. */
async function sendAgain(
  { store, queue, clock }: RunParts,
  job: JobRow,
  patch: JobPatch,
  delayMs: number,
): Promise<void> {
  const message = { subject: job.id, key: job.key }
  await patiently(clock, () =>
    store.transaction(async (transaction) => {
      await store.jobs.update(job.id, job.fence, patch, transaction)
      await queue.send(queueOf(job.kind), message, { delayMs, transaction })
    }),
  )
}

/** The queue has given up on a job: its last failure is the end of it. */
export async function buryJob(parts: RunParts, subject: string, error: unknown): Promise<void> {
  const { store, clock } = parts
  const job = await patiently(clock, () => store.jobs.claim(jobId.parse(subject), clock.now()))
  if (job === undefined) return
  const attempt = await beginAttempt(parts, job)
  const parsed = parseRequest(parts.definitionOf(job.kind), job)
  const readable = 'error' in parsed ? { definition: undefined, request: undefined } : parsed
  await endBadly(parts, { job, attempt, ...readable, error: gaveUp(error), state: 'failed' })
}

type Parsed =
  | { readonly definition: JobDefinition<unknown>; readonly request: unknown }
  | { readonly error: CodedError }

function parseRequest(definition: JobDefinition<unknown> | undefined, job: JobRow): Parsed {
  if (definition === undefined) return { error: badRequest(job.kind, job.request, 'no worker knows this kind of job') }
  try {
    return { definition, request: definition.parse(job.request) }
  } catch (error) {
    return { error: isCodedError(error) ? error : badRequest(job.kind, job.request, error) }
  }
}

function badRequest(kind: string, request: Json, cause: unknown): JobsError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new JobsError({
    code: 'bad-request',
    message: `The stored request of a ${kind} job cannot be carried out: ${why}.`,
    remedy: 'Ask again; if it happens again, this version is older than the one that stored the request.',
    owner: 'operator',
    facts: { kind, request: JSON.stringify(request).slice(0, 200) },
    cause,
  })
}
