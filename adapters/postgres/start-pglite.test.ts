import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { silentLog } from '../../ports/log.ts'
import { openPglite } from './open-pglite.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-thread-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const here = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

/** A program that has the embedded database open, its thread in `threads[0]`. */
async function run(name: string, lines: string) {
  const program = `
    import { subscribe } from 'node:diagnostics_channel'
    import { openPglite } from ${here('./open-pglite.ts')}
    import { systemClock as clock } from ${here('../system/system-clock.ts')}
    import { silentLog as log } from ${here('../../ports/log.ts')}
    const threads = []
    subscribe('worker_threads', ({ worker }) => threads.push(worker))
    const { database } = await openPglite(${JSON.stringify(join(directory, name))}, { clock, log })
    ${lines}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code }
}

test('a thread that ends fails what waits for it and all that comes later, and says so once', async () => {
  const threads: Worker[] = []
  const keep = (message: unknown) => void threads.push((message as { worker: Worker }).worker)
  subscribe('worker_threads', keep)
  const lost: Error[] = []
  const parts = { clock: createFakeClock(), log: silentLog, onLost: (error: Error) => void lost.push(error) }
  const { database } = await openPglite(join(directory, 'dying'), parts)
  unsubscribe('worker_threads', keep)
  const left = { code: 'unavailable', owner: 'operator', message: expect.stringContaining('thread') }
  const waits = [
    expect(database.query('SELECT pg_sleep(30)')).rejects.toMatchObject(left),
    expect(database.transaction((sql) => sql.query('SELECT 1'))).rejects.toMatchObject(left),
  ]
  await threads[0]?.terminate()
  await Promise.all(waits)
  expect(lost).toHaveLength(1)
  await expect(database.query('SELECT 1')).rejects.toMatchObject(left)
  await expect(database.boss.executeSql('SELECT 1')).rejects.toMatchObject({ code: 'unavailable' })
  await database.close().catch(() => {})
  expect(lost).toHaveLength(1)
})

test.concurrent('without anybody who hears of it the process ends with the reason', async () => {
  const { err, code } = await run('alone', 'setInterval(() => {}, 1000); void threads[0].terminate()')
  expect(code).toBe(1)
  expect(err).toContain('The thread of the embedded database has ended')
})

test.concurrent('an open database that nobody asks keeps no process alive; one that was asked answers first', async () => {
  const { out, err, code } = await run('idle', "database.query('SELECT 7 AS n').then(([row]) => console.log(row.n))")
  expect({ out, err, code }).toEqual({ out: '7\n', err: '', code: 0 })
})

test('codes of PostgreSQL, values that cannot be copied, and the order of statements', async () => {
  const { database } = await openPglite(join(directory, 'open'), { clock: createFakeClock(), log: silentLog })
  try {
    await expect(database.query('SELECT * FROM nowhere')).rejects.toMatchObject({ facts: { sqlState: '42P01' } })
    await expect(database.query('SELECT $1', [() => {}])).rejects.toMatchObject({ code: 'unavailable' })
    await database.script('CREATE TABLE seen (n int PRIMARY KEY, at timestamptz DEFAULT now())')
    const inside = database.transaction(async (sql) => {
      await sql.query('INSERT INTO seen VALUES (1)')
      await new Promise((resolve) => setTimeout(resolve, 20))
      await sql.query('INSERT INTO seen VALUES (2)')
    })
    const beside = database.query('SELECT n FROM seen')
    await inside
    expect(await beside).toEqual([{ n: 1 }, { n: 2 }])
    const aborted = database.transaction(async (sql) => {
      await sql.query('INSERT INTO seen VALUES (3)')
      await sql.query('INSERT INTO seen VALUES (1)').catch(() => {})
    })
    await expect(aborted).rejects.toThrow()
    expect(await database.query('SELECT at FROM seen WHERE n >= 2')).toEqual([{ at: expect.any(Date) }])
  } finally {
    await database.close()
  }
})
