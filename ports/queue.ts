import type { StoreTransaction } from './store.ts'

/** One queue per kind of work, so that long reviews never hold up a governance check. */
export type QueueName = 'delivery' | 'review' | 'governance' | 'infer' | 'upkeep'

export interface QueueMessage {
  /** What to work on: a job id, a delivery id or a name of upkeep. */
  readonly subject: string
  /** Messages of one key run one at a time, in order. */
  readonly key: string
}

export interface SendOptions {
  readonly delayMs?: number
  /** While a message with this key waits, another one is dropped (coalescing). */
  readonly coalesce?: boolean
  /** Commits or rolls back with the caller's rows. */
  readonly transaction?: StoreTransaction
}

export interface Worker {
  /** Rejecting means: again later (bounded); the last failure goes to `onDead`. */
  readonly run: (message: QueueMessage, signal: AbortSignal) => Promise<void>
  readonly onDead?: (message: QueueMessage) => Promise<void>
  readonly concurrency: number
  readonly retryLimit: number
  readonly expireMs: number
}

/** Wakes workers; the truth about a job stands in the store. Delivers at least once. */
export interface Queue {
  send(queue: QueueName, message: QueueMessage, options?: SendOptions): Promise<void>
  work(queue: QueueName, worker: Worker): Promise<void>
  /** Sends `message` every `everyMs`, once for all replicas. */
  repeat(queue: QueueName, message: QueueMessage, everyMs: number): Promise<void>
  /** Takes no new work, aborts what still runs after `graceMs`, and returns when nothing runs. */
  stop(graceMs: number): Promise<void>
  depth(): Promise<Readonly<Record<QueueName, { readonly waiting: number; readonly active: number }>>>
}
