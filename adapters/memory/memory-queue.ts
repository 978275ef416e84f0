import type { Clock } from '../../ports/clock.ts'
import {
  QUEUE_NAMES,
  type Queue,
  QueueAbortError,
  type QueueMessage,
  type QueueName,
  type SendOptions,
  type Worker,
} from '../../ports/queue.ts'
import { retryDelayMs, STORE_AWAY_MS } from '../../ports/retry-delay.ts'
import { isStoreAway } from '../../ports/store-errors.ts'
import { onCommit } from './memory-transaction.ts'

interface Entry {
  readonly message: QueueMessage
  readonly order: number
  failures: number
  notBefore: number
}

interface Lane {
  waiting: Entry[]
  readonly active: Map<Entry, AbortController>
  worker: Worker | undefined
}

/** After an abort, runs get this long to come to an end before `stop` returns all the same. */
const LAST_WAIT_MS = 2_000

/** Queues of one process. What waits is lost with it; one-shot commands have nothing to resume. */
export function createMemoryQueue({ clock }: { readonly clock: Clock }): Queue {
  const lanes: Readonly<Record<QueueName, Lane>> = {
    delivery: emptyLane(),
    review: emptyLane(),
    governance: emptyLane(),
    infer: emptyLane(),
    upkeep: emptyLane(),
  }
  const stopping = new AbortController()
  const idle = Promise.withResolvers<void>()
  const repeated = new Set<string>()
  let order = 0

  const wakeLater = (at: Lane, ms: number) =>
    void clock.sleep(ms, stopping.signal).then(
      () => pump(at),
      () => {},
    )

  function enqueue(at: Lane, message: QueueMessage, options: SendOptions): void {
    const delayMs = options.delayMs ?? 0
    const notBefore = clock.now() + delayMs
    const swallows = (entry: Entry) =>
      entry.message.key === message.key && (entry.failures > 0 || entry.notBefore <= notBefore)
    if (options.coalesce && at.waiting.some(swallows)) return
    at.waiting.push({ message, order: order++, failures: 0, notBefore })
    if (delayMs > 0) wakeLater(at, delayMs)
    pump(at)
  }

  function pump(at: Lane): void {
    while (at.worker !== undefined && !stopping.signal.aborted && at.active.size < at.worker.concurrency) {
      const entry = nextEntry(at, clock.now())
      if (entry === undefined) return
      at.waiting = at.waiting.filter((other) => other !== entry)
      void run(at, at.worker, entry)
    }
  }

  async function run(at: Lane, worker: Worker, entry: Entry): Promise<void> {
    const controller = new AbortController()
    at.active.set(entry, controller)
    const ended = new AbortController()
    clock.sleep(worker.expireMs, ended.signal).then(
      () => controller.abort(new QueueAbortError('expired')),
      () => {},
    )
    try {
      await worker.run(entry.message, controller.signal)
    } catch (error) {
      if (!isDrain(controller.signal)) await failed(at, worker, entry, error)
    } finally {
      ended.abort()
      at.active.delete(entry)
      if (stopping.signal.aborted && Object.values(lanes).every((each) => each.active.size === 0)) idle.resolve()
      pump(at)
    }
  }

  async function failed(at: Lane, worker: Worker, entry: Entry, error: unknown): Promise<void> {
    const isAway = isStoreAway(error)
    if (!isAway) entry.failures += 1
    if (entry.failures > worker.retryLimit) return worker.onDead?.(entry.message, error).catch(() => {})
    const delayMs = isAway ? STORE_AWAY_MS : retryDelayMs(entry.failures, error)
    entry.notBefore = clock.now() + delayMs
    at.waiting.push(entry)
    wakeLater(at, delayMs)
  }

  return {
    async send(queue, message, options = {}) {
      onCommit(options.transaction, () => enqueue(lanes[queue], message, options))
    },
    async sendMissing(queue, messages, stillWanted) {
      const isMissing = (message: QueueMessage) =>
        ![...lanes[queue].waiting, ...lanes[queue].active.keys()].some((entry) => isSame(entry.message, message))
      const missing = messages.filter(isMissing)
      const wanted = missing.length > 0 ? await stillWanted?.() : undefined
      for (const message of missing) {
        if ((wanted?.has(message.subject) ?? true) && isMissing(message)) enqueue(lanes[queue], message, {})
      }
    },
    async work(queue, worker) {
      lanes[queue].worker = worker
      pump(lanes[queue])
    },
    async repeat(queue, message, everyMs) {
      const name = `${queue} ${message.key}`
      if (repeated.has(name)) return
      repeated.add(name)
      const again = async () => {
        while (!stopping.signal.aborted) {
          enqueue(lanes[queue], message, { coalesce: true })
          await clock.sleep(everyMs - (clock.now() % everyMs), stopping.signal)
        }
      }
      void again().catch(() => {})
    },
    async stop(graceMs) {
      stopping.abort()
      const running = () => Object.values(lanes).flatMap((each) => [...each.active.values()])
      if (running().length === 0) return
      await Promise.race([idle.promise, clock.sleep(graceMs)])
      for (const controller of running()) controller.abort(new QueueAbortError('drain'))
      if (running().length > 0) await Promise.race([idle.promise, clock.sleep(LAST_WAIT_MS)])
    },
    async depth() {
      const sizes = QUEUE_NAMES.map((name) => [
        name,
        { waiting: lanes[name].waiting.length, active: lanes[name].active.size },
      ])
      return Object.fromEntries(sizes)
    },
  }
}

function emptyLane(): Lane {
  return { waiting: [], active: new Map(), worker: undefined }
}

/** The oldest entry whose time has come and whose key is free; a failed one keeps its place before later ones of its key. */
function nextEntry(lane: Lane, now: number): Entry | undefined {
  const busy = new Set([...lane.active.keys()].map((entry) => entry.message.key))
  for (const entry of lane.waiting.toSorted((a, b) => a.order - b.order)) {
    if (busy.has(entry.message.key)) continue
    if (entry.notBefore <= now) return entry
    if (entry.failures > 0) busy.add(entry.message.key)
  }
  return undefined
}

function isSame(a: QueueMessage, b: QueueMessage): boolean {
  return a.key === b.key && a.subject === b.subject
}

function isDrain(signal: AbortSignal): boolean {
  return signal.reason instanceof QueueAbortError && signal.reason.abort === 'drain'
}
