import { PgBoss } from 'pg-boss'
import type { Log } from '../../ports/log.ts'
import { QUEUE_NAMES } from '../../ports/queue.ts'
import type { Database } from './sql.ts'

export const BOSS_SCHEMA = 'devloop_queue'
/** The shortest that pg-boss takes. A worker that is silent for this long is taken for dead. */
const HEARTBEAT_SECONDS = 10
/** Lost processes do not use up tries (lanes count failures themselves), so pg-boss never gives up of its own. */
const NEVER = 1_000_000
const HALF_A_DAY_SECONDS = 43_200
const FORTNIGHT_SECONDS = 1_209_600
/** PostgreSQL's codes for a unique violation, and for a schema or table that exists. */
const CREATED_BY_ANOTHER = new Set(['23505', '42P06', '42P07'])

/** pg-boss over our own connections, with one queue per kind of work, its cache warm. */
export async function startBoss(database: Database, log: Log): Promise<PgBoss> {
  const alone = database.kind === 'pglite'
  const boss = new PgBoss({
    db: database.boss,
    backend: alone ? 'pglite' : 'postgres',
    schema: BOSS_SCHEMA,
    schedule: false,
    // On PGlite nobody else can die with a message in hand, and each pass costs the one connection some time.
    superviseIntervalSeconds: alone ? 60 : 4,
    monitorIntervalSeconds: alone ? 60 : 4,
    maintenanceIntervalSeconds: 60,
    reindex: false,
    monitorVacuum: false,
  })
  boss.on('error', (error) => log.warn({ error }, 'The queue failed at its housekeeping; it tries again.'))
  boss.on('warning', (warning) => log.debug({ warning }, 'The queue warns.'))
  await startBeside(boss)
  for (const name of QUEUE_NAMES) {
    const options = {
      policy: 'key_strict_fifo',
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds: HALF_A_DAY_SECONDS,
      retentionSeconds: FORTNIGHT_SECONDS,
      deleteAfterSeconds: 60,
      retryLimit: NEVER,
      retryDelay: 0,
      retryBackoff: false,
    }
    await boss.createQueue(name, options)
    // A transaction must find the queue in the cache: reading it through the other connection would wait for ever on PGlite.
    await boss.fetch(name, { batchSize: 1, minPriority: 1_000 })
  }
  return boss
}

/** Replicas that meet an empty database all create the schema; whoever loses has waited for the winner and finds it there. */
async function startBeside(boss: PgBoss): Promise<void> {
  try {
    await boss.start()
  } catch (error) {
    const isRace = error instanceof Error && 'code' in error && CREATED_BY_ANOTHER.has(String(error.code))
    if (!isRace) throw error
    await boss.start()
  }
}
