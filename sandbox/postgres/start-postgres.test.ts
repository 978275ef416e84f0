import pg from 'pg'
import { expect, test } from 'vitest'
import { findPostgresBinaries } from './find-binaries.ts'
import { NO_POSTGRES, startPostgres } from './start-postgres.ts'

test('a server starts, comes back after a halt with its rows, and leaves nothing running', async ({ skip }) => {
  const server = await startPostgres()
  if (server === null) return skip(NO_POSTGRES)
  const ask = async (text: string) => {
    const client = new pg.Client(server.url())
    await client.connect()
    return client.query(text).finally(() => client.end())
  }
  try {
    await ask('CREATE TABLE kept AS SELECT 7 AS n')
    await server.halt()
    await expect(ask('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.restart()
    expect((await ask('SELECT n FROM kept')).rows).toEqual([{ n: 7 }])
  } finally {
    await server.stop()
  }
  await expect(ask('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('where nothing is on the PATH, the usual places are searched', async () => {
  const found = await findPostgresBinaries('')
  expect(found === undefined || found.length > 0).toBe(true)
})
