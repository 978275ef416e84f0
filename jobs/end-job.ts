import { type CodedError, isCodedError } from '../ports/errors.ts'
import { microUsd, type MicroUsd } from '../ports/money.ts'
import type { Queue } from '../ports/queue.ts'
import type { JobRow } from '../ports/store.ts'
import type { Attempt, AttemptParts } from './attempt.ts'
import type { JobDefinition, JobEnd } from './definition.ts'
import { awayMs, patiently } from './patience.ts'
import { queueOf } from './queue-of.ts'
import { ENDING, rememberedEnding } from './remembered-ending.ts'

const TELL_WITHIN_MS = 60_000
const TELL_TRIES = 3
/** The name of the step that keeps a person from being told twice. */
const TOLD = 'failure told'
/** GitHub may be away for a day; who asked is told when it is back. */
const TELL_PATIENCE_MS = 3 * 86_400_000

export async function endWell({ store, clock }: AttemptParts, job: JobRow, end: JobEnd): Promise<void> {
  const { outcome, result, costMicroUsd } = end
  const state = outcome === 'failed' ? 'failed' : 'done'
  const patch = { state, outcome, result, costMicroUsd, error: null, endedAt: clock.now() } as const
  await patiently(clock, () => store.jobs.update(job.id, job.fence, patch))
  await store.notify('jobs')
}

/**
 * Tells the person, then closes the books. While GitHub or the store is away the job stays open with its end recorded, and is brought
 * again to tell it; a person who can never be told does not keep it open.
 */
export async function endBadly<Request>(
  parts: AttemptParts & { readonly queue: Queue },
  ending: {
    readonly job: JobRow
    readonly attempt: Attempt
    /** Undefined when the request could not be read. */
    readonly definition: JobDefinition<Request> | undefined
    readonly request: Request | undefined
    readonly error: CodedError
    readonly state: 'failed' | 'cancelled'
    /** When an attempt before first tried to tell it. */
    readonly since?: number | undefined
  },
): Promise<void> {
  const { store, clock, log } = parts
  const { job, error, state } = ending
  if (ending.definition !== undefined && ending.request !== undefined) {
    const isAway = await tell(parts, ending.attempt, job, ending.definition, ending.request, error)
    if (isAway && clock.now() < job.deadlineAt + TELL_PATIENCE_MS) return tellLater(parts, ending)
  }
  const { code, message, remedy } = error
  const outcome = state === 'failed' ? 'failed' : null
  const costMicroUsd = await costSoFar(parts, job)
  const patch = { state, outcome, error: { code, message, remedy }, costMicroUsd, endedAt: clock.now() } as const
  await patiently(clock, () => store.jobs.update(job.id, job.fence, patch))
  await store.notify('jobs')
  log.info({ jobId: job.id, kind: job.kind, code, state }, message)
}

async function tellLater(
  { store, queue, clock, log }: AttemptParts & { readonly queue: Queue },
  ending: {
    readonly job: JobRow
    readonly error: CodedError
    readonly state: 'failed' | 'cancelled'
    readonly since?: number | undefined
  },
): Promise<void> {
  const { job, error, state } = ending
  const since = ending.since ?? clock.now()
  await patiently(clock, () => store.jobs.recordStep(job.id, job.fence, ENDING, rememberedEnding(error, state, since)))
  await patiently(clock, () =>
    store.transaction(async (transaction) => {
      await store.jobs.update(job.id, job.fence, { state: 'publishing' }, transaction)
      const message = { subject: job.id, key: job.key }
      await queue.send(queueOf(job.kind), message, { delayMs: awayMs(clock.now() - since), transaction })
    }),
  )
  log.info({ jobId: job.id, code: error.code }, 'The end of a job could not be told; it is tried again.')
}

/** True when GitHub could not be reached: it is worth coming back for. */
async function tell<Request>(
  parts: AttemptParts,
  attempt: Attempt,
  job: JobRow,
  definition: JobDefinition<Request>,
  request: Request,
  error: CodedError,
): Promise<boolean> {
  const { clock, log } = parts
  const over = new AbortController()
  const late = clock.sleep(TELL_WITHIN_MS, over.signal).then(
    () => over.abort(new Error('telling the person took too long')),
    () => {},
  )
  const context = attempt.contextFor(request, over.signal)
  try {
    for (let tries = 1; ; tries++) {
      try {
        await context.step(TOLD, async () => {
          await definition.onFailed(context, error)
          return true
        })
        return false
      } catch (failure) {
        log.warn({ error: failure, jobId: job.id, tries }, 'The person could not be told that the job failed.')
        if (tries === TELL_TRIES || over.signal.aborted) return isCodedError(failure) && failure.owner === 'retry'
        await clock.sleep(1_000 * tries, over.signal).catch(() => {})
      }
    }
  } finally {
    over.abort()
    await late
  }
}

async function costSoFar({ store }: AttemptParts, job: JobRow): Promise<MicroUsd> {
  const costs = await store.ledger.jobCosts(job.createdAt)
  return microUsd(costs.filter((cost) => cost.jobId === job.id).reduce((sum, cost) => sum + cost.microUsd, 0))
}
