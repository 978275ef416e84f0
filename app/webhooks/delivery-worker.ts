import { isCodedError } from '../../ports/errors.ts'
import type { DeliveryId } from '../../ports/ids.ts'
import type { Worker } from '../../ports/queue.ts'
import type { StoredDelivery } from '../../ports/store.ts'
import { silentTelemetry, type Telemetry } from '../../ports/telemetry.ts'
import { createBatch } from './batch.ts'
import { type DispatchParts, dispatch } from './dispatch.ts'
import { INBOX_MESSAGE, type Inbox } from './inbox.ts'
import { type OwnApp, translate } from './translate.ts'

const BATCH = 50
/** Another replica's clock may be ahead of ours. */
const EVER = Number.MAX_SAFE_INTEGER
const PARALLEL_LANES = 8
/** For what nobody can explain. GitHub being away is waited out instead, as long as it would redeliver by hand. */
const MAX_ATTEMPTS = 5
const PATIENCE_MS = 3 * 86_400_000
const RETRY_AFTER_MS = 2_000
const LONGEST_RETRY_MS = 600_000

type Fate = 'handled' | 'ignored' | 'failed' | 'again'

/** Works the inbox off: each stored delivery is translated and carried out, oldest first. Give it to the queue `delivery`. */
export function createDeliveryWorker(
  parts: DispatchParts & { readonly telemetry?: Telemetry },
  own: () => Promise<OwnApp>,
  recall?: Inbox['recall'],
): Worker {
  const { store, queue, clock, log, telemetry = silentTelemetry } = parts
  const failures = new Map<DeliveryId, { readonly attempts: number; readonly notBefore: number }>()

  async function handle(delivery: StoredDelivery, me: OwnApp, batchParts: DispatchParts): Promise<Fate> {
    const { id, event } = delivery
    const attempts = failures.get(id)?.attempts ?? 0
    try {
      const intents = translate(event, JSON.parse(delivery.payload), me)
      if (intents.length > 0)
        await telemetry.span(
          {
            name: `delivery ${event}`,
            kind: 'consumer',
            facts: { 'devloop.delivery.id': id },
            startedAt: delivery.receivedAt,
          },
          () => dispatch(batchParts, intents),
        )
      failures.delete(id)
      return intents.length === 0 ? 'ignored' : 'handled'
    } catch (error) {
      const code = isCodedError(error) ? error.code : 'unexpected'
      log.warn({ delivery: id, event, attempt: attempts + 1, code, error: String(error) }, 'a delivery failed')
      if (isHopeless(error, attempts + 1, clock.now() - delivery.receivedAt)) {
        failures.delete(id)
        return 'failed'
      }
      const waitMs = Math.min(LONGEST_RETRY_MS, RETRY_AFTER_MS * 2 ** Math.min(attempts, 10))
      failures.set(id, { attempts: attempts + 1, notBefore: clock.now() + waitMs })
      return 'again'
    }
  }

  async function work(ids: readonly DeliveryId[], me: OwnApp, signal: AbortSignal): Promise<void> {
    const batch = createBatch(store.facts, queue)
    const batchParts = { ...parts, store: { ...store, facts: batch.facts }, queue: batch.queue }
    const deliveries: StoredDelivery[] = []
    // One after the other: the embedded database answers in order, and what comes in must not wait behind a whole round.
    for (const id of ids) {
      const delivery = recall?.(id) ?? (await store.deliveries.find(id))
      if (delivery !== undefined) deliveries.push(delivery)
    }
    const fates = new Map<Fate, DeliveryId[]>()
    // In order within a repository, side by side otherwise: one that waits for GitHub holds up only its own.
    const lanes = Map.groupBy(deliveries, laneOf)
    await inParallel([...lanes.values()], async (lane) => {
      for (const delivery of lane) {
        if (signal.aborted) return
        const fate = await handle(delivery, me, batchParts)
        fates.set(fate, [...(fates.get(fate) ?? []), delivery.id])
      }
    })
    await batch.flush()
    for (const [fate, done] of fates) if (fate !== 'again') await store.deliveries.markDone(done, fate, clock.now())
  }

  return {
    concurrency: 1,
    retryLimit: 5,
    expireMs: 600_000,
    async run(_message, signal) {
      const me = await own()
      for (const tried = new Set<DeliveryId>(); !signal.aborted; ) {
        const found = await store.deliveries.listUndone(EVER, BATCH + failures.size)
        const fresh = found.filter((id) => !tried.has(id) && (failures.get(id)?.notBefore ?? 0) <= clock.now())
        if (fresh.length === 0) break
        for (const id of fresh) tried.add(id)
        await work(fresh, me, signal)
      }
      if (failures.size > 0) {
        const next = Math.min(...[...failures.values()].map(({ notBefore }) => notBefore))
        await queue.send('delivery', INBOX_MESSAGE, { delayMs: Math.max(1_000, next - clock.now()), coalesce: true })
      }
    },
  }
}

/** What the person or the operator must mend will not mend itself in a minute; what nobody can explain gets some tries. */
function isHopeless(error: unknown, attempts: number, ageMs: number): boolean {
  if (!isCodedError(error)) return attempts >= MAX_ATTEMPTS
  return error.owner !== 'retry' || ageMs > PATIENCE_MS
}

/** Deliveries name their repository somewhere; finding it must not cost a second parse of a large payload. */
function laneOf({ payload }: StoredDelivery): string {
  return /"full_name"\s*:\s*"([^"]{1,200})"/.exec(payload)?.[1] ?? ''
}

async function inParallel<T>(items: readonly T[], body: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await body(item)
  }
  await Promise.all(Array.from({ length: PARALLEL_LANES }, work))
}
