import { StoreError } from '../../ports/errors.ts'
import { MIGRATIONS, type Migration } from './schema.ts'
import type { Database, Sql } from './sql.ts'

/** Any number of processes may start at once; one migrates, the others wait for it. */
const MIGRATION_LOCK = 0x0de51009

/** Brings the database to this version's schema, forward only, and refuses one that this version cannot work with. */
export async function migrate(
  database: Pick<Database, 'transaction'> & Partial<Pick<Database, 'kind'>>,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const newest = migrations.at(-1)?.version ?? 0
  await database.transaction(async (sql) => {
    await sql.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await sql.query('CREATE SCHEMA IF NOT EXISTS devloop')
    await sql.query(
      'CREATE TABLE IF NOT EXISTS devloop.migration (version bigint PRIMARY KEY, readable_by bigint NOT NULL)',
    )
    const found = await readVersion(sql)
    if (found.readableBy > newest) throw newerSchema(found.version, newest)
    for (const step of migrations.filter((each) => each.version > found.version)) {
      await sql.script(step.sql)
      await sql.query('INSERT INTO devloop.migration (version, readable_by) VALUES ($1, $2)', [
        step.version,
        database.kind === 'pglite' ? (step.embeddedReadableBy ?? step.readableBy) : step.readableBy,
      ])
    }
  })
}

async function readVersion(sql: Sql): Promise<{ readonly version: number; readonly readableBy: number }> {
  const [row] = await sql.query<{ version: number; readableBy: number }>(
    'SELECT coalesce(max(version), 0) AS version, coalesce(max(readable_by), 0) AS "readableBy" FROM devloop.migration',
  )
  return row ?? { version: 0, readableBy: 0 }
}

function newerSchema(found: number, known: number): StoreError {
  return new StoreError({
    code: 'newer-schema',
    message: `The database was written by a newer DevLoop: its schema is version ${found}, this one knows ${known}.`,
    remedy: 'Start the newer DevLoop, or point DEVLOOP_DATA or DATABASE_URL to another database.',
    owner: 'operator',
    facts: { found, known },
  })
}
