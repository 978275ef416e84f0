import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { queueContract } from '../../ports/contracts/queue.contract.ts'
import { silentLog } from '../../ports/log.ts'
import { createBossQueue } from './boss-queue.ts'
import { openPglite } from './open-pglite.ts'
import type { Database } from './sql.ts'
import { createSqlStore } from './sql-store.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
const parts = { clock, log: silentLog }
let directory: string
let database: Database

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-queue-'))
  database = (await openPglite(directory, parts)).database
})
afterAll(() => rm(directory, { recursive: true, force: true }))

queueContract('PGlite', {
  async open() {
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
  close: () => database.close(),
})
