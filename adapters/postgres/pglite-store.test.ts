import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storeContract } from '../../ports/contracts/store.contract.ts'
import { silentLog } from '../../ports/log.ts'
import { openPglite } from './open-pglite.ts'
import type { Database } from './sql.ts'
import { createSqlStore } from './sql-store.ts'
import { vacuumWorn } from './vacuum.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
let directory: string
let database: Database
let tables: readonly { readonly name: string }[]

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-store-'))
  database = (await openPglite(directory, { clock, log: silentLog })).database
  tables = await database.query(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'devloop' AND tablename <> 'migration'`,
  )
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('a table with many dead rows is tidied, one without is left alone', async () => {
  await database.script(`
    INSERT INTO devloop.fact SELECT n::text, '1' FROM generate_series(1, 3000) n;
    UPDATE devloop.fact SET value = '2'`)
  await database.script('SELECT pg_stat_force_next_flush()')
  expect(await vacuumWorn(database)).toEqual(['devloop.fact'])
  expect(await vacuumWorn(database)).toEqual([])
})

storeContract('PGlite', {
  async open() {
    await database.script(tables.map(({ name }) => `DELETE FROM devloop.${name};`).join('\n'))
    return createSqlStore(database, { clock, log: silentLog })
  },
  close: () => database.close(),
})
