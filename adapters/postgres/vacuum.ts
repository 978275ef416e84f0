import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Database } from './sql.ts'

const FIRST_AFTER_MS = 120_000
const EVERY_MS = 15 * 60_000
/** A table is worth the pause (a second per million rows) when this many of its rows are dead. */
const MANY_DEAD = 2_000

/** PGlite has no autovacuum: without this, indexes fill with what is long gone and reading ten rows takes as long as reading them all. */
export function keepVacuumed(database: Database, clock: Clock, log: Log): () => void {
  const closing = new AbortController()
  const forever = async () => {
    await clock.sleep(FIRST_AFTER_MS, closing.signal)
    while (!closing.signal.aborted) {
      await vacuumWorn(database).catch((error) =>
        log.warn({ error }, 'The database could not be tidied; it is tried again.'),
      )
      await clock.sleep(EVERY_MS, closing.signal)
    }
  }
  void forever().catch(() => {})
  return () => closing.abort()
}

/** Tidies the tables that need it; answers their names. */
export async function vacuumWorn(database: Database): Promise<readonly string[]> {
  const worn = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables WHERE n_dead_tup > $1`,
    [MANY_DEAD],
  )
  for (const { name } of worn) await database.script(`VACUUM (ANALYZE) ${name}`)
  return worn.map(({ name }) => name)
}
