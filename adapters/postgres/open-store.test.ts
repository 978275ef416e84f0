import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleJob, sampleJobId } from '../../ports/contracts/samples.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../ports/log.ts'
import { lockDirectory } from './directory-lock.ts'
import { migrate } from './migrate.ts'
import { openStore } from './open-store.ts'
import type { Sql } from './sql.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
const open = (dataDir: string, databaseUrl?: string) =>
  openStore({ dataDir, databaseUrl, clock, random: createSeededRandom(1), log: silentLog })

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-open-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('rows outlive a close; a second opener is refused; a forgotten transaction is an error; torn files are moved aside', async () => {
  const dataDir = join(directory, 'data')
  const first = await open(dataDir)
  await first.store.jobs.create(sampleJob(1))
  await expect(open(dataDir)).rejects.toMatchObject({
    code: 'locked',
    message: `Another DevLoop process is using the data directory ${dataDir}.`,
  })
  await first.close()

  const second = await open(dataDir)
  expect(second.recovered).toBe(false)
  expect(await second.store.jobs.find(sampleJobId(1))).toBeDefined()
  const forgetful = second.store.transaction(() => second.store.jobs.find(sampleJobId(1)))
  await expect(forgetful).rejects.toThrow('pass the transaction on')
  await second.store.transaction((transaction) =>
    second.queue.send('review', { subject: 's', key: 'k' }, { transaction, coalesce: true }),
  )
  expect((await second.queue.depth()).review.waiting).toBe(1)
  await second.close()

  await writeFile(join(dataDir, 'pg', 'global', 'pg_control'), Buffer.alloc(8_192))
  const third = await open(dataDir)
  expect(third.recovered).toBe(true)
  expect(await third.store.jobs.listOpen(5)).toEqual([])
  await third.close()
  expect((await readdir(dataDir)).filter((name) => name.startsWith('pg.torn-'))).toHaveLength(1)
}, 40_000)

test('the lock of a process that was killed is free', async () => {
  const file = join(directory, 'killed.lock')
  const held = `const { DatabaseSync } = require('node:sqlite'); const side = new DatabaseSync(${JSON.stringify(file)});
    side.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => side, 1000)`
  const holder = spawn(process.execPath, ['-e', held], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(holder.stdout, 'data')
  expect(() => lockDirectory(file, directory)).toThrow('Another DevLoop process')
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  lockDirectory(file, directory).release()
})

test('a data directory that cannot be written is refused with what to do', async () => {
  const blocked = join(directory, 'blocked')
  await writeFile(blocked, 'a file')
  await expect(open(join(blocked, 'data'))).rejects.toMatchObject({
    code: 'unwritable',
    owner: 'operator',
    remedy: expect.stringContaining('DEVLOOP_DATA'),
  })
})

test('a read-only data directory is refused', async () => {
  // Modes do not stop root; the kernel's own file system does.
  const readOnly = process.getuid?.() === 0 ? '/sys/kernel/devloop' : join(directory, 'read-only')
  if (process.getuid?.() !== 0) await mkdir(readOnly, { mode: 0o500 })
  await expect(open(readOnly)).rejects.toMatchObject({ code: 'unwritable', owner: 'operator' })
})

test('files of a newer PostgreSQL are refused and left as they are', async () => {
  const dataDir = join(directory, 'newer')
  await mkdir(join(dataDir, 'pg'), { recursive: true })
  await writeFile(join(dataDir, 'pg', 'PG_VERSION'), '99\n')
  await expect(open(dataDir)).rejects.toMatchObject({ code: 'newer-schema' })
  expect(await readdir(dataDir)).toContain('pg')
})

test('a server that does not answer is a sentence, not a crash', async () => {
  await expect(open(directory, 'postgres://nobody:secret@127.0.0.1:1/none')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.not.stringContaining('secret'),
  })
})

test('a schema is migrated forward once, and one from a newer version is refused unless it says that it can be read', async () => {
  const made: string[] = []
  let versions = [{ version: 1, readableBy: 1 }]
  const sql: Sql = {
    async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
      if (text.startsWith('INSERT')) versions.push({ version: Number(values[0]), readableBy: Number(values[1]) })
      if (!text.startsWith('SELECT coalesce')) return []
      const newest = {
        version: versions.at(-1)?.version ?? 0,
        readableBy: Math.max(...versions.map((v) => v.readableBy)),
      }
      return [newest as unknown as Row]
    },
    script: async (text) => void made.push(text),
  }
  const database = { transaction: <T>(body: (inside: Sql) => Promise<T>) => body(sql) }
  const steps = [1, 2, 3].map((version) => ({ version, readableBy: 1, sql: `step ${version}` }))
  await migrate(database, steps)
  await migrate(database, steps)
  expect(made).toEqual(['step 2', 'step 3'])
  versions = [{ version: 9, readableBy: 2 }]
  await migrate(database, steps)
  versions = [{ version: 9, readableBy: 9 }]
  await expect(migrate(database, steps)).rejects.toMatchObject({
    code: 'newer-schema',
    message: 'The database was written by a newer DevLoop: its schema is version 9, this one knows 3.',
  })
})
