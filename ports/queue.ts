import type { StoreTransaction } from './store.ts'

/** One queue per kind of work, so that long reviews never hold up a governance check. */
export type QueueName = 'delivery' | 'review' | 'governance' | 'infer' | 'upkeep'
export const QUEUE_NAMES: readonly QueueName[] = ['delivery', 'review', 'governance', 'infer', 'upkeep']

export interface QueueMessage {
  /** What to work on: a job id, a delivery id or a name of upkeep. */
  readonly subject: string
  /** Messages of one key run one at a time, in order. */
  readonly key: string
}

export interface SendOptions {
  readonly delayMs?: number
  /** While a message with this key waits that is due no later, another one is dropped (coalescing). */
  readonly coalesce?: boolean
  /** Commits or rolls back with the caller's rows. */
  readonly transaction?: StoreTransaction
}

/** Why the signal of a running message aborts: this process ends, the message ran too long, or another worker has it now. */
export type QueueAbort = 'drain' | 'expired' | 'taken'

/** The reason of an aborted signal. A run that ends after `drain` or `taken` is no failure: the message is run again elsewhere. */
export class QueueAbortError extends Error {
  readonly abort: QueueAbort

  constructor(abort: QueueAbort) {
    super(ABORT_SENTENCES[abort])
    this.name = 'QueueAbortError'
    this.abort = abort
  }
}

const ABORT_SENTENCES: Readonly<Record<QueueAbort, string>> = {
  drain: 'This process is ending; the work goes on in the next one.',
  expired: 'The work took longer than its worker allows.',
  taken: 'Another worker has taken this message over.',
}

export interface Worker {
  /** Rejecting means: again later (bounded); the last failure goes to `onDead`. */
  readonly run: (message: QueueMessage, signal: AbortSignal) => Promise<void>
  /** Called with the last failure; null when the message was lost with its process again and again. */
  readonly onDead?: (message: QueueMessage, error: unknown) => Promise<void>
  readonly concurrency: number
  /** How often a failed run is tried again. Lost processes and a store that is away do not count. */
  readonly retryLimit: number
  readonly expireMs: number
}

/** Wakes workers; the truth about a job stands in the store. Delivers at least once. */
export interface Queue {
  send(queue: QueueName, message: QueueMessage, options?: SendOptions): Promise<void>
  /**
   * Sends again what may have been lost: of these, the ones whose key and subject neither wait nor run anywhere. Other processes may end
   * some meanwhile, and those have no message either: `stillWanted` answers the subjects that want one, and is asked after looking.
   */
  sendMissing(
    queue: QueueName,
    messages: readonly QueueMessage[],
    stillWanted?: () => Promise<ReadonlySet<string>>,
  ): Promise<void>
  work(queue: QueueName, worker: Worker): Promise<void>
  /** Sends `message` every `everyMs`, once for all replicas, the first one now; dropped while one with its key waits. */
  repeat(queue: QueueName, message: QueueMessage, everyMs: number): Promise<void>
  /** Takes no new work, aborts what still runs after `graceMs`, and returns when nothing runs. */
  stop(graceMs: number): Promise<void>
  depth(): Promise<Readonly<Record<QueueName, { readonly waiting: number; readonly active: number }>>>
}
