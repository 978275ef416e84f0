import { CodedError } from '../ports/errors.ts'

/**
 * `bad-request`: the stored request can never be carried out. `gone`: what the job is about is closed, merged or deleted. `cancelled`: a
 * person stopped it. `deadline`: it was not done in time. `gave-up`: its last try failed, or it was lost with its process too often.
 */
export type JobsErrorCode = 'bad-request' | 'gone' | 'cancelled' | 'deadline' | 'gave-up'
export class JobsError extends CodedError<JobsErrorCode> {}
