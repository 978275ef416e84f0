import pg from 'pg'
import { startPostgres } from '../../postgres/start-postgres.ts'
import type { Databases } from './cases.ts'
import { pretendOld } from './old-server.ts'

/** A real PostgreSQL with a database for each way to be wrong; null where none is installed. */
export async function openDatabases() {
  const server = await startPostgres()
  if (server === null) return null
  const ask = async (database: string, ...statements: readonly string[]) => {
    const client = new pg.Client(server.url(database))
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }
  await ask('postgres', 'CREATE DATABASE newer', 'CREATE DATABASE closed', 'CREATE ROLE guest LOGIN')
  await ask(
    'newer',
    'CREATE SCHEMA devloop',
    'CREATE TABLE devloop.migration (version bigint PRIMARY KEY, readable_by bigint NOT NULL)',
    'INSERT INTO devloop.migration VALUES (99, 99)',
  )
  const old = await pretendOld(server.url())
  const guest = new URL(server.url('closed'))
  guest.username = 'guest'
  const databases: Databases = {
    newer: server.url('newer'),
    missing: server.url('nowhere'),
    withoutRights: guest.href,
    old: old.url,
  }
  return {
    server,
    databases,
    async stop() {
      await old.stop()
      await server.stop()
    },
  }
}
