import type { PgBoss } from 'pg-boss'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Queue, QueueMessage, QueueName, SendOptions } from '../../ports/queue.ts'
import { BOSS_SCHEMA, startBoss } from './boss.ts'
import { createLane } from './lane.ts'
import type { Database, Sql } from './sql.ts'
import { connectionOf } from './store-transaction.ts'

const WIRE = 'devloop_queue'
/** As pg-boss's partial indexes have it, or they are not used: messages that ended a minute ago lie in the same table. */
const WAITS = "state < 'active' AND NOT blocked AND policy = 'key_strict_fifo'"
const RUNS = "state IN ('active', 'retry', 'failed') AND policy = 'key_strict_fifo' AND state = 'active'"
const MOST_LOOKED_FOR = 1_000
/** After the grace, runs get this long to end on their aborted signal. */
const LAST_WAIT_MS = 2_000

/** The queue over pg-boss, on either database. */
export async function createBossQueue(database: Database, parts: { clock: Clock; log: Log }): Promise<Queue> {
  const { clock, log } = parts
  const boss = await startBoss(database, log)
  if (database.kind === 'pglite') await giveBackOrphans(database, boss)
  const lanes = new Map<string, ReturnType<typeof createLane>>()
  const stopping = new AbortController()
  const unlisten = await database.listen(WIRE, (queue) => lanes.get(queue)?.ring())

  async function insert(sql: Sql, queue: QueueName, message: QueueMessage, options: SendOptions): Promise<void> {
    if (options.coalesce && (await isWaiting(sql, queue, message.key, options.delayMs ?? 0))) return
    const delayed = options.delayMs === undefined ? {} : { startAfter: new Date(clock.now() + options.delayMs) }
    await boss.send(
      queue,
      { ...message, failures: 0 },
      { ...delayed, singletonKey: message.key, db: database.bossWithin(sql) },
    )
    await sql.query('SELECT pg_notify($1, $2)', [WIRE, queue])
  }

  async function takeTurn(queue: QueueName, message: QueueMessage, everyMs: number): Promise<void> {
    await database.transaction(async (sql) => {
      const turn = await sql.query(
        `INSERT INTO devloop.repeat AS r (queue, key, turn) VALUES ($1, $2, $3)
         ON CONFLICT (queue, key) DO UPDATE SET turn = excluded.turn WHERE r.turn < excluded.turn RETURNING 1`,
        [queue, message.key, Math.floor(clock.now() / everyMs)],
      )
      if (turn.length > 0) await insert(sql, queue, message, { coalesce: true })
    })
  }

  return {
    async send(queue, message, options = {}) {
      if (options.transaction !== undefined) await insert(connectionOf(options.transaction), queue, message, options)
      else await database.transaction((sql) => insert(sql, queue, message, options))
      if (options.delayMs !== undefined) lanes.get(queue)?.ringAfter(options.delayMs)
    },
    async sendMissing(queue, messages, stillWanted) {
      for (let from = 0; from < messages.length; from += MOST_LOOKED_FOR) {
        const missing = await findMissing(database, queue, messages.slice(from, from + MOST_LOOKED_FOR))
        const wanted = missing.length > 0 ? await stillWanted?.() : undefined
        for (const message of missing.filter(({ subject }) => wanted?.has(subject) ?? true)) {
          await database.transaction(async (sql) => {
            if (!(await isPresent(sql, queue, message))) await insert(sql, queue, message, {})
          })
        }
      }
    },
    async work(queue, worker) {
      lanes.set(queue, createLane({ queue, worker, boss, database, clock, log }))
    },
    async repeat(queue, message, everyMs) {
      const forever = async () => {
        while (!stopping.signal.aborted) {
          await takeTurn(queue, message, everyMs).catch((error) =>
            log.warn({ error, queue, key: message.key }, 'A repeated message was not sent; the next turn comes.'),
          )
          await clock.sleep(everyMs - (clock.now() % everyMs), stopping.signal)
        }
      }
      void forever().catch(() => {})
    },
    async stop(graceMs) {
      stopping.abort()
      await Promise.all([...lanes.values()].map((lane) => lane.stop(graceMs, LAST_WAIT_MS)))
      await unlisten()
      await boss.stop({ graceful: false, close: false })
    },
    async depth() {
      const rows = await database.query<{ name: QueueName; waiting: number; active: number }>(
        `SELECT name, count(*) FILTER (WHERE state < 'active') AS waiting, count(*) FILTER (WHERE state = 'active') AS active
         FROM ${BOSS_SCHEMA}.job WHERE (${WAITS}) OR (${RUNS}) GROUP BY name`,
      )
      const none = { waiting: 0, active: 0 }
      const idle = { delivery: none, review: none, governance: none, infer: none, upkeep: none }
      return { ...idle, ...Object.fromEntries(rows.map(({ name, ...counts }) => [name, counts])) }
    },
  }
}

/**
 * Whether a message of this key waits that will run no later than a new one would. Its row is locked until the transaction ends: nobody
 * may start on it before what the sender writes beside it can be seen.
 */
async function isWaiting(sql: Sql, queue: QueueName, key: string, delayMs: number): Promise<boolean> {
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${queue} ${key}`])
  const rows = await sql.query(
    `SELECT 1 FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND singleton_key = $2 AND ${WAITS}
       AND (state = 'retry' OR start_after <= clock_timestamp() + $3::bigint * interval '1 ms') LIMIT 1 FOR UPDATE`,
    [queue, key, delayMs],
  )
  return rows.length > 0
}

/** After a restart nearly all that is open has its message still: one statement says so for a thousand of them. */
async function findMissing(
  sql: Pick<Sql, 'query'>,
  queue: QueueName,
  messages: readonly QueueMessage[],
): Promise<readonly QueueMessage[]> {
  const isThere = (how: string) =>
    `EXISTS (SELECT 1 FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND singleton_key = v.key AND ${how} AND data->>'subject' = v.subject)`
  return sql.query<QueueMessage>(
    `SELECT v.key, v.subject FROM unnest($2::text[], $3::text[]) AS v (key, subject)
     WHERE NOT ${isThere(WAITS)} AND NOT ${isThere(RUNS)}`,
    [queue, messages.map(({ key }) => key), messages.map(({ subject }) => subject)],
  )
}

async function isPresent(sql: Sql, queue: QueueName, { key, subject }: QueueMessage): Promise<boolean> {
  await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${queue} ${key}`])
  const rows = await sql.query(
    `SELECT 1 FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND singleton_key = $2 AND ${WAITS} AND data->>'subject' = $3
     UNION ALL
     SELECT 1 FROM ${BOSS_SCHEMA}.job WHERE name = $1 AND singleton_key = $2 AND ${RUNS} AND data->>'subject' = $3 LIMIT 1`,
    [queue, key, subject],
  )
  return rows.length > 0
}

/** What a process that died held is waiting again: on PGlite there is no other process that could still be at it. */
async function giveBackOrphans(database: Database, boss: PgBoss): Promise<void> {
  const orphans = await database.query<{ name: string; id: string }>(
    `SELECT name, id FROM ${BOSS_SCHEMA}.job WHERE state = 'active'`,
  )
  for (const [name, held] of Map.groupBy(orphans, (orphan) => orphan.name)) {
    await boss.fail(
      name,
      held.map((orphan) => orphan.id),
      { reason: 'process lost' },
    )
  }
}
