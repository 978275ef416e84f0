import type { CodedError } from '../ports/errors.ts'
import type { MicroUsd } from '../ports/money.ts'
import type { Json, JobKind, JobRow, JobState } from '../ports/store.ts'

/** What one attempt of a job may do. Everything that reaches outside goes through `step` or checks the fence first. */
export interface JobContext<Request> {
  readonly job: JobRow
  readonly request: Request
  /** Aborts on cancel, deadline, drain, or when another worker has taken the job. */
  readonly signal: AbortSignal
  /**
   * Runs `body` once in the life of the job: a result recorded by an earlier attempt is returned without running it again. The record
   * is written under the fence, so a zombie cannot record.
   */
  step<T extends Json>(name: string, body: () => Promise<T>): Promise<T>
  /** Whether this attempt or one before has recorded the step. */
  isRecorded(name: string): boolean
  /** Throws `fence-lost` when this attempt no longer owns the job; called right before every write to the outside. */
  assertOwned(): Promise<void>
  /** A line of the job's timeline, shown live on the dashboard. */
  event(kind: string, text: string, facts?: Json): Promise<void>
  setState(state: Extract<JobState, 'waiting_pod' | 'running' | 'publishing'>): Promise<void>
}

export interface JobEnd {
  /** e.g. `posted`, `clean`, `partial`, `failed`; `success`, `failure`, `neutral`, `error`; `answered`. */
  readonly outcome: string
  readonly result: Json
  readonly costMicroUsd: MicroUsd
}

/** One kind of job. */
export interface JobDefinition<Request> {
  readonly kind: JobKind
  /** Throws when the stored request does not fit: the job then fails for good. */
  parse(request: Json): Request
  run(context: JobContext<Request>): Promise<JobEnd>
  /** Told once when the job will not be tried again (`cancelled`, deadline, user or operator error, retries used up): tells the person. */
  onFailed(context: JobContext<Request>, error: CodedError): Promise<void>
}
