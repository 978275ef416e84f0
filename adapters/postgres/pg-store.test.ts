import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { describe, test } from 'vitest'
import { storeContract } from '../../ports/contracts/store.contract.ts'
import { silentLog } from '../../ports/log.ts'
import { NO_POSTGRES, startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { migrate } from './migrate.ts'
import { createPgDatabase } from './pg-database.ts'
import { createSqlStore } from './sql-store.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
const server = await startPostgres()

if (server === null) describe('PostgreSQL', () => test.skip(NO_POSTGRES, () => {}))
else {
  let count = 0
  const admin = new pg.Pool({ connectionString: server.url(), max: 1 })
  storeContract('PostgreSQL', {
    async open() {
      const name = `store_${count++}`
      await admin.query(`CREATE DATABASE ${name}`)
      const database = createPgDatabase({ databaseUrl: server.url(name), clock, log: silentLog })
      await migrate(database)
      const store = await createSqlStore(database, { clock, log: silentLog })
      return {
        ...store,
        async close() {
          await store.close()
          await database.close()
        },
      }
    },
    async close() {
      await admin.end()
      await server.stop()
    },
  })
}
