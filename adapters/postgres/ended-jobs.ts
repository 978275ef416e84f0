import type { EndedJob } from '../../ports/store.ts'
import { toColumn } from './columns.ts'
import { type Sql, withoutNul } from './sql.ts'

const DAY_MS = 86_400_000
const FIELDS = [
  'id',
  'kind',
  'key',
  'repository',
  'installationId',
  'pullRequest',
  'headSha',
  'requestedBy',
  'request',
  'state',
  'createdAt',
  'startedAt',
  'endedAt',
  'deadlineAt',
  'outcome',
  'result',
  'costMicroUsd',
] as const satisfies readonly (keyof EndedJob)[]
const COLUMNS = FIELDS.map(toColumn).join(', ')

/** Ended jobs and their counts in one statement: the trigger that counts hears of updates alone. */
export async function addEnded(sql: Pick<Sql, 'query'>, jobs: readonly EndedJob[]): Promise<void> {
  const rows = jobs.map((job) => {
    const values = withoutNul(FIELDS.map((field) => job[field]))
    return Object.fromEntries(FIELDS.map((field, index) => [toColumn(field), values[index]]))
  })
  await sql.query(
    `WITH added AS (
       INSERT INTO devloop.job (${COLUMNS}) SELECT ${COLUMNS} FROM json_populate_recordset(NULL::devloop.job, $1::json)
       RETURNING created_at, outcome, state)
     INSERT INTO devloop.job_count AS c
     SELECT created_at / ${DAY_MS}, coalesce(outcome, state), pg_backend_pid() % 8, count(*) FROM added GROUP BY 1, 2 ORDER BY 1, 2
     ON CONFLICT (day, word, shard) DO UPDATE SET count = c.count + excluded.count`,
    [JSON.stringify(rows)],
  )
}
