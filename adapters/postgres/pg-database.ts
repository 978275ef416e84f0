import pg from 'pg'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { createOutage, type Outage, withoutOutages } from './outage.ts'
import { createPgListener } from './pg-listener.ts'
import type { Database, Sql } from './sql.ts'
import { storeFailure } from './store-failure.ts'
import { createTransactionGuard } from './transaction-guard.ts'
import { translatedSql } from './translated-sql.ts'

const BIGINT = 20
/** Times and money stay far below 2⁵³, so numbers hold them exactly. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

export interface PgDatabaseOptions {
  readonly databaseUrl: string
  readonly clock: Clock
  readonly log: Log
  readonly maxConnections?: number
}

/** A PostgreSQL server, through a small pool and one connection that listens. */
export function createPgDatabase(options: PgDatabaseOptions): Database {
  const { databaseUrl, clock, log } = options
  const settings = {
    connectionString: databaseUrl,
    types,
    application_name: 'devloop',
    connectionTimeoutMillis: 10_000,
  }
  const pool = new pg.Pool({
    ...settings,
    max: options.maxConnections ?? 8,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  })
  const outage = createOutage(log, () => clock.now())
  pool.on('error', (error) =>
    log.debug({ error }, 'An idle connection to the database was lost; a new one is made when needed.'),
  )
  const guard = createTransactionGuard()
  const listener = createPgListener({
    connect: () => new pg.Client({ ...settings, keepAlive: true }),
    clock,
    log: withoutOutages(log),
  })
  const outside = sqlOf(pool, outage)

  async function transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T> {
    guard.assertOutside()
    const client = await outage
      .watch(() => pool.connect())
      .catch((error: unknown) => {
        throw storeFailure(error)
      })
    let broken: Error | undefined
    const onError = (error: Error) => {
      broken = error
    }
    client.on('error', onError)
    const sql = sqlOf(client, outage)
    try {
      await sql.query('BEGIN')
      const answer = await guard.inside(() => body(sql))
      await sql.query('COMMIT')
      return answer
    } catch (error) {
      await sql.query('ROLLBACK').catch((failure: Error) => {
        broken = failure
      })
      throw error
    } finally {
      client.off('error', onError)
      client.release(broken)
    }
  }

  return {
    kind: 'postgres',
    query(text, values) {
      guard.assertOutside()
      return outside.query(text, values)
    },
    script(text) {
      guard.assertOutside()
      return outside.script(text)
    },
    transaction,
    listen: listener.listen,
    boss: {
      async executeSql(text, values) {
        guard.assertOutside()
        return outage.watch(() => pool.query<Record<string, unknown>>(text, values))
      },
    },
    bossWithin: (sql) => ({
      executeSql: async (text, values) => ({ rows: [...(await sql.query<Record<string, unknown>>(text, values))] }),
    }),
    async close() {
      await listener.close()
      await pool.end()
    },
  }
}

function sqlOf(connection: pg.Pool | pg.PoolClient, outage: Outage): Sql {
  return translatedSql({
    rows: async (text, values) => (await outage.watch(() => connection.query<object>(text, values))).rows,
    run: (text) => outage.watch(() => connection.query(text)),
  })
}
