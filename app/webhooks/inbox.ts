import type { Log } from '../../ports/log.ts'
import type { Queue } from '../../ports/queue.ts'
import type { DeliveryStore, StoredDelivery } from '../../ports/store.ts'

export interface Inbox {
  /** Resolves when the delivery is on disk. Rejects when it could not be stored. */
  accept(delivery: StoredDelivery): Promise<'stored' | 'duplicate'>
}

export interface InboxOptions {
  readonly deliveries: DeliveryStore
  readonly queue: Queue
  readonly log: Log
}

/** The message that wakes the delivery worker; one waiting is enough for any number of deliveries. */
export const INBOX_MESSAGE = { subject: 'inbox', key: 'inbox' } as const

const MAX_BATCH = 100

interface Waiting {
  readonly delivery: StoredDelivery
  readonly settle: PromiseWithResolvers<'stored' | 'duplicate'>
}

/** Stores deliveries in micro-batches: while one commit is under way, what arrives gathers for the next. */
export function createInbox({ deliveries, queue, log }: InboxOptions): Inbox {
  let waiting: Waiting[] = []
  let isFlushing = false

  async function flush(): Promise<void> {
    isFlushing = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH)
      waiting = waiting.slice(MAX_BATCH)
      await store(batch)
    }
    isFlushing = false
  }

  async function store(batch: readonly Waiting[]): Promise<void> {
    try {
      const fresh = new Set(await deliveries.addAll(batch.map(({ delivery }) => delivery)))
      for (const { delivery, settle } of batch) settle.resolve(fresh.delete(delivery.id) ? 'stored' : 'duplicate')
    } catch (error) {
      for (const { settle } of batch) settle.reject(error)
      return
    }
    try {
      await queue.send('delivery', INBOX_MESSAGE, { coalesce: true })
    } catch (error) {
      // The upkeep finds what nobody was woken for.
      log.warn({ error: String(error) }, 'deliveries are stored, but the worker could not be woken')
    }
  }

  return {
    accept(delivery) {
      const settle = Promise.withResolvers<'stored' | 'duplicate'>()
      waiting.push({ delivery, settle })
      if (!isFlushing) void flush()
      return settle.promise
    },
  }
}
