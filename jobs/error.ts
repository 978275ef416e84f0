import { CodedError } from '../ports/errors.ts'

/** `bad-request`: the stored request can never be carried out. `gone`: what the job is about is closed, merged or deleted. */
export type JobsErrorCode = 'bad-request' | 'gone'
export class JobsError extends CodedError<JobsErrorCode> {}
