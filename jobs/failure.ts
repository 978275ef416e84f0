import { type CodedError, GithubError, isCodedError, ModelError, StoreError } from '../ports/errors.ts'
import { isStoreAway } from '../ports/store-errors.ts'
import { JobsError } from './error.ts'
import { JobStop } from './job-stop.ts'

/** What becomes of a job whose attempt failed. */
export type Failure =
  /** Nothing is written: another process has the job. */
  | { readonly kind: 'leave' }
  /** The next process goes on; this was no try. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'cancelled'; readonly error: CodedError }
  | { readonly kind: 'final'; readonly error: CodedError }
  /** The pod or the road to it was lost; counted apart, as it is nobody's fault. */
  | { readonly kind: 'infrastructure'; readonly error: ModelError }
  /** GitHub or the store is away, or wants to be left alone: waited out as long as the job may last. */
  | { readonly kind: 'away'; readonly error: GithubError | StoreError }
  /** The queue tries again, a few times. */
  | { readonly kind: 'again'; readonly error: unknown }

/** `stop` is why the attempt was told to end, if it was; then what it threw on its way out does not matter. */
export function classify(error: unknown, stop: unknown): Failure {
  if (error instanceof StoreError && error.code === 'fence-lost') return { kind: 'leave' }
  if (stop instanceof JobStop) return ofStop(stop)
  if (error instanceof JobStop) return ofStop(error)
  if (error instanceof ModelError && error.owner === 'retry') return { kind: 'infrastructure', error }
  if (error instanceof GithubError && error.owner === 'retry' && AWAY.has(error.code)) return { kind: 'away', error }
  if (isStoreAway(error)) return { kind: 'away', error }
  if (isCodedError(error) && error.owner !== 'retry') return { kind: 'final', error }
  return { kind: 'again', error }
}

const AWAY: ReadonlySet<GithubError['code']> = new Set(['unavailable', 'rate-limited', 'unknown-outcome'])

function ofStop({ reason }: JobStop): Failure {
  switch (reason) {
    case 'taken':
      return { kind: 'leave' }
    case 'drain':
      return { kind: 'drain' }
    case 'cancelled':
      return { kind: 'cancelled', error: cancelled() }
    case 'deadline':
      return { kind: 'final', error: pastDeadline() }
  }
}

function cancelled(): JobsError {
  return new JobsError({
    code: 'cancelled',
    message: 'The job was cancelled.',
    remedy: 'Ask again when it is wanted after all.',
    owner: 'user',
  })
}

function pastDeadline(): JobsError {
  return new JobsError({
    code: 'deadline',
    message: 'The job was not done before its deadline.',
    remedy: 'Ask again; if it happens often, look at the wait for a GPU on the dashboard.',
    owner: 'operator',
  })
}

/** The end of a job whose last try failed. `error` is null when it was lost with its process again and again. */
export function gaveUp(error: unknown): CodedError {
  if (isCodedError(error)) return error
  const text = error instanceof Error ? error.message : null
  return new JobsError({
    code: 'gave-up',
    message:
      text === null ? 'The job was lost with its process again and again.' : `The job failed at every try: ${text}.`,
    remedy: 'Look at the log of the server for the cause, then ask again.',
    owner: 'operator',
    cause: error,
  })
}
