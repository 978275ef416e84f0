import { setImmediate, setTimeout } from 'node:timers/promises'
import type { DeliveryId } from '../../ports/ids.ts'
import type { Log } from '../../ports/log.ts'
import type { Queue } from '../../ports/queue.ts'
import type { DeliveryStore, StoredDelivery } from '../../ports/store.ts'

export interface Inbox {
  /** Resolves when the delivery is on disk. Rejects when it could not be stored. */
  accept(delivery: StoredDelivery): Promise<'stored' | 'duplicate'>
  /** A delivery that was stored just now, once: it need not be read back. */
  recall(id: DeliveryId): StoredDelivery | undefined
}

export interface InboxOptions {
  readonly deliveries: DeliveryStore
  readonly queue: Queue
  readonly log: Log
}

/** The message that wakes the delivery worker; one waiting is enough for any number of deliveries. */
export const INBOX_MESSAGE = { subject: 'inbox', key: 'inbox' } as const

const MAX_BATCH = 100
const GATHER_MS = 1
const WAKE_EVERY_MS = 50
const MAX_RECENT = 500
const MAX_RECENT_CHARS = 100_000

interface Waiting {
  readonly delivery: StoredDelivery
  readonly settle: PromiseWithResolvers<'stored' | 'duplicate'>
}

/** Stores deliveries in micro-batches: while one commit is under way, what arrives gathers for the next. */
export function createInbox({ deliveries, queue, log }: InboxOptions): Inbox {
  let waiting: Waiting[] = []
  const recent = new Map<DeliveryId, StoredDelivery>()
  let isFlushing = false
  let wakeTimer: NodeJS.Timeout | undefined
  let isWakeOwed = false

  async function flush(): Promise<void> {
    isFlushing = true
    for (let before = 0; waiting.length > 0; ) {
      await gather(before)
      const batch = waiting.slice(0, MAX_BATCH)
      waiting = waiting.slice(MAX_BATCH)
      await store(batch)
      before = batch.length
    }
    isFlushing = false
  }

  /** What can be read now comes along. Under load the next ones are a moment away, and a commit costs as much for one as for ten. */
  async function gather(before: number): Promise<void> {
    await setImmediate()
    if (waiting.length < before) await setTimeout(GATHER_MS)
  }

  async function store(batch: readonly Waiting[]): Promise<void> {
    try {
      const fresh = new Set(await deliveries.addAll(batch.map(({ delivery }) => delivery)))
      for (const { delivery, settle } of batch) {
        const isNew = fresh.delete(delivery.id)
        if (isNew && delivery.payload.length < MAX_RECENT_CHARS) keep(delivery)
        settle.resolve(isNew ? 'stored' : 'duplicate')
      }
    } catch (error) {
      for (const { settle } of batch) settle.reject(error)
      return
    }
    if (wakeTimer === undefined) wake()
    else isWakeOwed = true
  }

  /** What another replica works off is never asked for here; the oldest goes. */
  function keep(delivery: StoredDelivery): void {
    const [oldest] = recent.keys()
    if (oldest !== undefined && recent.size >= MAX_RECENT) recent.delete(oldest)
    recent.set(delivery.id, delivery)
  }

  /** At once for the first delivery, then at most every few milliseconds: in a burst, waking costs as much as storing. */
  function wake(): void {
    isWakeOwed = false
    wakeTimer = globalThis.setTimeout(() => {
      wakeTimer = undefined
      if (isWakeOwed) wake()
    }, WAKE_EVERY_MS)
    queue.send('delivery', INBOX_MESSAGE, { coalesce: true }).catch((error: unknown) => {
      // The upkeep finds what nobody was woken for.
      log.warn({ error: String(error) }, 'deliveries are stored, but the worker could not be woken')
    })
  }

  return {
    accept(delivery) {
      const settle = Promise.withResolvers<'stored' | 'duplicate'>()
      waiting.push({ delivery, settle })
      if (!isFlushing) void flush()
      return settle.promise
    },
    recall(id) {
      const delivery = recent.get(id)
      recent.delete(id)
      return delivery
    },
  }
}
