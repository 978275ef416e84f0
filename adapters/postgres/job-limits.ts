import type { JobLimits, NewJob } from '../../ports/store.ts'
import { limitReached } from '../../ports/store-errors.ts'
import type { Sql } from './sql.ts'

/** Held until the transaction ends: between counting and inserting nobody else may insert. */
const LIMITS_LOCK = 0x0de5100a

export async function checkLimits(sql: Pick<Sql, 'query'>, job: NewJob, limits: JobLimits): Promise<void> {
  await sql.query('SELECT pg_advisory_xact_lock($1)', [LIMITS_LOCK])
  const [counts] = await sql.query<Record<'perUserPerDay' | 'perUserConcurrent' | 'perRepository' | 'global', number>>(
    `SELECT
       (SELECT count(*) FROM devloop.job WHERE requested_by = $1 AND created_at >= $2) AS "perUserPerDay",
       (SELECT count(*) FROM devloop.job WHERE requested_by = $1 AND ended_at IS NULL) AS "perUserConcurrent",
       (SELECT count(*) FROM devloop.job WHERE repository = $3 AND ended_at IS NULL) AS "perRepository",
       (SELECT count(*) FROM devloop.job WHERE ended_at IS NULL) AS "global"`,
    [job.requestedBy, limits.since, job.repository],
  )
  for (const name of ['perUserPerDay', 'perUserConcurrent', 'perRepository', 'global'] as const) {
    const allowed = limits[name]
    if (allowed !== null && (counts?.[name] ?? 0) >= allowed) throw limitReached(name, allowed)
  }
}
