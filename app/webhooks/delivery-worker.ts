import { isCodedError } from '../../ports/errors.ts'
import type { DeliveryId } from '../../ports/ids.ts'
import type { Worker } from '../../ports/queue.ts'
import { type DispatchParts, dispatch } from './dispatch.ts'
import { INBOX_MESSAGE } from './inbox.ts'
import { type OwnApp, translate } from './translate.ts'

const BATCH = 100
const PARALLEL_LANES = 8
const MAX_ATTEMPTS = 5
const RETRY_AFTER_MS = 15_000

/** Works the inbox off: each stored delivery is translated and carried out, oldest first. Give it to the queue `delivery`. */
export function createDeliveryWorker(parts: DispatchParts, own: () => Promise<OwnApp>): Worker {
  const { store, queue, clock, log } = parts
  const failures = new Map<DeliveryId, number>()

  async function handle(id: DeliveryId, me: OwnApp): Promise<void> {
    const delivery = await store.deliveries.find(id)
    if (delivery === undefined) return
    const attempts = failures.get(id) ?? 0
    try {
      const intents = translate(delivery.event, JSON.parse(delivery.payload), me)
      // After a restart nobody knows whether this one was begun.
      const isRepeat = attempts > 0 || delivery.receivedAt < startedAt
      await dispatch(parts, intents, isRepeat)
      await store.deliveries.markDone(id, intents.length === 0 ? 'ignored' : 'handled', clock.now())
      failures.delete(id)
    } catch (error) {
      failures.set(id, attempts + 1)
      const code = isCodedError(error) ? error.code : 'unexpected'
      log.warn(
        { delivery: id, event: delivery.event, attempt: attempts + 1, code, error: String(error) },
        'a delivery failed',
      )
      if (attempts + 1 < MAX_ATTEMPTS && mayPass(error)) return
      await store.deliveries.markDone(id, 'failed', clock.now())
      failures.delete(id)
    }
  }

  async function lanesOf(ids: readonly DeliveryId[]): Promise<readonly (readonly DeliveryId[])[]> {
    const named = await Promise.all(
      ids.map(async (id) => ({ id, lane: laneOf((await store.deliveries.find(id))?.payload) })),
    )
    return [...Map.groupBy(named, ({ lane }) => lane).values()].map((lane) => lane.map(({ id }) => id))
  }

  const startedAt = clock.now()
  return {
    concurrency: 1,
    retryLimit: 5,
    expireMs: 600_000,
    async run(_message, signal) {
      const me = await own()
      for (const tried = new Set<DeliveryId>(); !signal.aborted; ) {
        const found = await store.deliveries.listUndone(clock.now() + 1, BATCH + failures.size)
        const fresh = found.filter((id) => !tried.has(id))
        if (fresh.length === 0) break
        // In order within a repository, side by side otherwise: one that waits for GitHub holds up only its own.
        const lanes = await lanesOf(fresh)
        for (const id of fresh) tried.add(id)
        await inParallel(lanes, async (lane) => {
          for (const id of lane) if (!signal.aborted) await handle(id, me)
        })
      }
      if (failures.size > 0) await queue.send('delivery', INBOX_MESSAGE, { delayMs: RETRY_AFTER_MS, coalesce: true })
    },
  }
}

/** What the person or the operator must mend will not mend itself in a minute. */
function mayPass(error: unknown): boolean {
  return !isCodedError(error) || error.owner === 'retry'
}

/** Deliveries name their repository somewhere; finding it must not cost a second parse of a large payload. */
function laneOf(payload: string | undefined): string {
  return /"full_name"\s*:\s*"([^"]{1,200})"/.exec(payload ?? '')?.[1] ?? ''
}

async function inParallel<T>(items: readonly T[], body: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await body(item)
  }
  await Promise.all(Array.from({ length: PARALLEL_LANES }, work))
}
