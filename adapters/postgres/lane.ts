import type { PgBoss } from 'pg-boss'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { QueueAbortError, type QueueMessage, type QueueName, type Worker } from '../../ports/queue.ts'
import { retryDelayMs, STORE_AWAY_MS } from '../../ports/retry-delay.ts'
import { isStoreAway } from '../../ports/store-errors.ts'
import { createBell } from './bell.ts'
import { BOSS_SCHEMA } from './boss.ts'
import { type FetchedMessage, fetchMessages } from './fetch-messages.ts'
import { createGatherer } from './gatherer.ts'
import type { Database } from './sql.ts'
import { storeFailure } from './store-failure.ts'

/** What a message of ours looks like in pg-boss. */
export interface StoredMessage extends QueueMessage {
  readonly failures: number
}

interface Running {
  readonly message: StoredMessage
  readonly controller: AbortController
  readonly attempt: { readonly id: string; readonly retryCount: number }
  readonly done: Promise<void>
}

export interface LaneParts {
  readonly queue: QueueName
  readonly worker: Worker
  readonly boss: PgBoss
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
}

/** Messages that are fetched in one go at most. */
const BATCH = 50
const BEAT_MS = 3_000
const LONGEST_SETTLE_WAIT_MS = 5_000
/** How often processes may die with a message in hand before it is taken for the cause. */
const MOST_LOSSES = 100

/** The worker of one queue in this process: fetches as many messages as it has places, runs them, settles them. */
export function createLane(parts: LaneParts) {
  const { queue, worker, boss, database, clock, log } = parts
  const pollMs = database.kind === 'pglite' ? 2_000 : 1_000
  const running = new Map<string, Running>()
  const bell = createBell()
  const stopping = new AbortController()
  const complete = createGatherer<Running['attempt'], void>(
    async (attempts) => {
      await boss.complete(queue, [...attempts])
      return []
    },
    ({ id }) => id,
  )

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      bell.silence()
      const places = Math.min(BATCH, worker.concurrency - running.size)
      const fetched = places > 0 ? await fetchSome(places) : []
      for (const job of fetched) start(job)
      if (fetched.length === 0 || running.size >= worker.concurrency) await bell.wait(pollMs, clock, stopping.signal)
    }
  }

  async function fetchSome(places: number): Promise<readonly FetchedMessage<StoredMessage>[]> {
    try {
      return await fetchMessages<StoredMessage>(database, queue, places)
    } catch (error) {
      log.warn({ error, queue }, 'The queue could not be read; it is tried again in a moment.')
      return []
    }
  }

  function start(job: FetchedMessage<StoredMessage>): void {
    const controller = new AbortController()
    const attempt = { id: job.id, retryCount: job.retryCount }
    const done = run(job.data, attempt, controller).finally(() => {
      running.delete(job.id)
      bell.ring()
    })
    running.set(job.id, { message: job.data, controller, attempt, done })
  }

  async function run(message: StoredMessage, attempt: Running['attempt'], controller: AbortController): Promise<void> {
    const over = new AbortController()
    clock.sleep(worker.expireMs, over.signal).then(
      () => controller.abort(new QueueAbortError('expired')),
      () => {},
    )
    let settle = () => complete(attempt)
    try {
      if (attempt.retryCount > MOST_LOSSES) await worker.onDead?.(message, null)
      else await worker.run({ subject: message.subject, key: message.key }, controller.signal)
    } catch (error) {
      settle = () => failed(message, attempt, controller.signal, error)
    } finally {
      over.abort()
    }
    await untilSettled(settle).catch((error) =>
      log.warn({ error, queue, subject: message.subject }, 'A message could not be settled; it comes again.'),
    )
  }

  /**
   * A message that its worker cannot settle is nobody's until its heartbeat is missed, and all of its key wait behind it: while the
   * database is away or full, whoever ran it goes on trying. A message that another has taken meanwhile is not touched by this.
   */
  async function untilSettled(settle: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await settle()
      } catch (error) {
        if (!isStoreAway(storeFailure(error))) throw error
        await clock.sleep(Math.min(LONGEST_SETTLE_WAIT_MS, retryDelayMs(tries, error)), beating.signal).catch(() => {
          throw error
        })
      }
    }
  }

  async function failed(
    message: StoredMessage,
    attempt: Running['attempt'],
    signal: AbortSignal,
    error: unknown,
  ): Promise<void> {
    const abort = signal.reason instanceof QueueAbortError ? signal.reason.abort : undefined
    if (abort === 'taken') return
    if (abort === 'drain') {
      await boss.fail(queue, attempt, { reason: 'drain' })
      return
    }
    // A store that is away is nobody's failure: however long that takes, it uses up no try.
    const isAway = isStoreAway(storeFailure(error))
    const failures = message.failures + (isAway ? 0 : 1)
    if (failures > worker.retryLimit) {
      await worker.onDead?.(message, error)
      await complete(attempt)
      return
    }
    const delayMs = isAway ? STORE_AWAY_MS : retryDelayMs(failures, error)
    await database.transaction(async (sql) => {
      const db = database.bossWithin(sql)
      const startAfter = new Date(clock.now() + delayMs)
      await boss.fail(queue, attempt, {}, { db })
      await boss.update(queue, { ...message, failures }, { id: attempt.id, startAfter, db })
    })
    ringAfter(delayMs)
  }

  function ringAfter(ms: number): void {
    clock.sleep(ms, stopping.signal).then(bell.ring, () => {})
  }

  async function beat(): Promise<void> {
    while (!stopping.signal.aborted || running.size > 0) {
      await clock.sleep(BEAT_MS, beating.signal)
      const held = [...running.values()]
      if (held.length === 0) continue
      try {
        await boss.touch(
          queue,
          held.map((each) => each.attempt),
        )
        await abortTaken(held)
      } catch (error) {
        log.warn({ error, queue }, 'The heartbeat of running messages did not reach the database.')
      }
    }
  }

  async function abortTaken(held: readonly Running[]): Promise<void> {
    const rows = await database.query<{ attempt: string }>(
      `SELECT id::text || ':' || retry_count AS attempt FROM ${BOSS_SCHEMA}.job
       WHERE name = $1 AND state = 'active' AND id = ANY($2::uuid[])`,
      [queue, held.map((each) => each.attempt.id)],
    )
    const ours = new Set(rows.map((row) => row.attempt))
    for (const { attempt, controller } of held) {
      const ended = !running.has(attempt.id)
      if (!ended && !ours.has(`${attempt.id}:${attempt.retryCount}`)) controller.abort(new QueueAbortError('taken'))
    }
  }

  const beating = new AbortController()
  const beats = beat().catch(() => {})
  const looping = loop()

  return {
    ring: bell.ring,
    ringAfter,
    /** Takes nothing more, lets what runs end by itself for `graceMs`, then tells it to end. */
    async stop(graceMs: number, lastWaitMs: number): Promise<void> {
      stopping.abort()
      bell.ring()
      await looping
      const all = () => Promise.all([...running.values()].map((each) => each.done))
      await within(all(), graceMs)
      for (const each of running.values()) each.controller.abort(new QueueAbortError('drain'))
      await within(all(), lastWaitMs)
      beating.abort()
      await beats
    },
  }

  async function within(work: Promise<unknown>, ms: number): Promise<void> {
    const over = new AbortController()
    await Promise.race([work, clock.sleep(ms, over.signal).catch(() => {})])
    over.abort()
  }
}
