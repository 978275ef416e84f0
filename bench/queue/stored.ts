import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { HOT_CALLS } from '../../adapters/postgres/__support__/hot-calls.ts'
import { storePast } from '../../adapters/postgres/__support__/stored-jobs.ts'
import { createBossQueue } from '../../adapters/postgres/boss-queue.ts'
import { migrate } from '../../adapters/postgres/migrate.ts'
import { openPglite } from '../../adapters/postgres/open-pglite.ts'
import { createPgDatabase } from '../../adapters/postgres/pg-database.ts'
import type { Database } from '../../adapters/postgres/sql.ts'
import { createSqlStore } from '../../adapters/postgres/sql-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { silentLog } from '../../ports/log.ts'
import { NO_POSTGRES, startPostgres } from '../../sandbox/postgres/start-postgres.ts'

// `node bench/queue/stored.ts pglite|postgres [jobs ...] [--json]`: what the hot queries cost beside that many ended jobs.
const { positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } })
const [kind = 'pglite', ...sizes] = positionals
const ROUNDS = 60
const parts = { clock: systemClock, log: silentLog }

interface Row {
  readonly query: string
  readonly jobs: number
  readonly p50Ms: number
}

const rows: Row[] = []
let skipped: string | null = null
for (const size of sizes.length > 0 ? sizes.map(Number) : [1_000, 100_000, 1_000_000]) {
  const found = await measure(size)
  if (typeof found === 'string') skipped = found
  else rows.push(...found)
}
console.log(JSON.stringify({ name: `hot queries, ${kind}`, rows, ...(skipped === null ? {} : { skipped }) }, null, 2))

async function measure(jobs: number): Promise<readonly Row[] | string> {
  const server = kind === 'postgres' ? await startPostgres() : undefined
  if (server === null) return NO_POSTGRES
  const folder = await mkdtemp(join(tmpdir(), 'devloop-stored-'))
  const database =
    server === undefined
      ? (await openPglite(folder, parts)).database
      : createPgDatabase({ ...parts, databaseUrl: server.url() })
  try {
    await migrate(database)
    return await timeCalls(database, jobs)
  } finally {
    await database.close()
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function timeCalls(database: Database, jobs: number): Promise<readonly Row[]> {
  const store = await createSqlStore(database, parts)
  const queue = await createBossQueue(database, parts)
  const now = Date.now()
  await storePast(database, jobs, now)
  await database.script('VACUUM (ANALYZE)')
  const found: Row[] = []
  for (const { name, call } of HOT_CALLS) {
    const took: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now()
      await call({ store, queue, database, jobs, now })
      took.push(performance.now() - startedAt)
    }
    took.sort((a, b) => a - b)
    found.push({ query: name, jobs, p50Ms: Math.round((took[ROUNDS / 2] ?? 0) * 1_000) / 1_000 })
  }
  await queue.stop(0)
  await store.close()
  return found
}
