import { setTimeout as delay } from 'node:timers/promises'
import { describe, test } from 'vitest'
import { queueContract } from '../../ports/contracts/queue.contract.ts'
import { silentLog } from '../../ports/log.ts'
import { NO_POSTGRES, startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { createBossQueue } from './boss-queue.ts'
import { migrate } from './migrate.ts'
import { createPgDatabase } from './pg-database.ts'
import { createSqlStore } from './sql-store.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
const parts = { clock, log: silentLog }
const server = await startPostgres()

if (server === null) describe('PostgreSQL', () => test.skip(NO_POSTGRES, () => {}))
else {
  const database = createPgDatabase({ databaseUrl: server.url(), ...parts })
  queueContract('PostgreSQL', {
    async open() {
      await migrate(database)
      const queue = await createBossQueue(database, parts)
      await database.script('TRUNCATE devloop_queue.job, devloop.repeat, devloop.job')
      const store = await createSqlStore(database, parts)
      return {
        queue,
        store,
        async close() {
          await queue.stop(0)
          await store.close()
        },
      }
    },
    async close() {
      await database.close()
      await server.stop()
    },
  })
}
