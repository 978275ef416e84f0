import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { silentLog } from '../../ports/log.ts'
import type { Queue } from '../../ports/queue.ts'
import { createBossQueue } from './boss-queue.ts'
import { openPglite } from './open-pglite.ts'
import type { Database } from './sql.ts'

/** Waits pass twenty times as fast. */
const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms / 20, undefined, signal === undefined ? {} : { signal }),
}
const full = () => Object.assign(new Error('could not extend file: No space left on device'), { code: '53100' })
let directory: string
let database: Database
let hasRoom = true
let refused = 0
let queue: Queue

function refuse(): void {
  if (hasRoom) return
  refused += 1
  throw full()
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-full-'))
  database = (await openPglite(directory, { clock, log: silentLog })).database
  // Reads go on when a disk is full; what writes fails, within a transaction as well as outside, raw or translated.
  const onFullDisk: Database = {
    ...database,
    async transaction(body) {
      return database.transaction(async (sql) => {
        refuse()
        return body(sql)
      })
    },
    boss: {
      async executeSql(text, values) {
        refuse()
        return database.boss.executeSql(text, values)
      },
    },
  }
  queue = await createBossQueue(onFullDisk, { clock, log: silentLog })
})
afterAll(async () => {
  await queue.stop(0)
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

it('settles what ran while the disk was full, runs it no second time, and goes on with its key', async () => {
  const ran: string[] = []
  await queue.send('review', { subject: 'first', key: 'k' })
  await queue.send('review', { subject: 'second', key: 'k' })
  await queue.work('review', {
    run: async ({ subject }) => {
      ran.push(subject)
      hasRoom = subject !== 'first'
    },
    concurrency: 4,
    retryLimit: 0,
    expireMs: 60_000,
  })
  await expect.poll(() => refused, { timeout: 5_000 }).toBeGreaterThan(2)
  expect(ran).toEqual(['first'])
  hasRoom = true
  await expect.poll(() => ran, { timeout: 5_000 }).toEqual(['first', 'second'])
  await expect.poll(async () => (await queue.depth()).review, { timeout: 5_000 }).toEqual({ waiting: 0, active: 0 })
})

it('says of a COMMIT that finds no room what it says of any statement', async () => {
  await database.script(
    `CREATE TABLE full_disk (id int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO full_disk VALUES (1)`,
  )
  const commit = database.transaction((sql) => sql.query('INSERT INTO full_disk VALUES (1)'))
  await expect(commit).rejects.toMatchObject({ name: 'StoreError', facts: { sqlState: '23505' } })
})
