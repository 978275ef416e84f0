import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { storeContract } from '../../ports/contracts/store.contract.ts'
import { silentLog } from '../../ports/log.ts'
import { migrate } from './migrate.ts'
import { openPglite } from './open-pglite.ts'
import type { Database } from './sql.ts'
import { createSqlStore } from './sql-store.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
let directory: string
let database: Database

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-store-'))
  database = (await openPglite(directory, { clock, log: silentLog })).database
})
afterAll(() => rm(directory, { recursive: true, force: true }))

storeContract('PGlite', {
  async open() {
    await database.script('DROP SCHEMA devloop CASCADE')
    await migrate(database)
    return createSqlStore(database, { clock, log: silentLog })
  },
  close: () => database.close(),
})
