import { QueueAbortError } from '../ports/queue.ts'

export type StopReason = 'cancelled' | 'deadline' | 'drain' | 'taken'

/** Why an attempt was told to stop; the reason of its aborted signal. The first reason wins. */
export class JobStop extends Error {
  readonly reason: StopReason

  constructor(reason: StopReason) {
    super(`The job was told to stop: ${reason}.`)
    this.name = 'JobStop'
    this.reason = reason
  }
}

/** What the queue's signal means for a job. */
export function stopOf(abortReason: unknown): JobStop {
  if (!(abortReason instanceof QueueAbortError)) return new JobStop('drain')
  return new JobStop(abortReason.abort === 'expired' ? 'deadline' : abortReason.abort)
}
