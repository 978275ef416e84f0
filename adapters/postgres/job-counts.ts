import type { Sql } from './sql.ts'

const DAY_MS = 86_400_000

/** Ended jobs come from the daily counters, those of the day in which `since` falls and the open ones from the rows. */
export async function countByOutcome(sql: Sql, since: number): Promise<Readonly<Record<string, number>>> {
  const firstWholeDay = Math.ceil(since / DAY_MS)
  const rows = await sql.query<{ word: string; count: number }>(
    `SELECT word, sum(count)::bigint AS count FROM (
       SELECT word, count FROM devloop.job_count WHERE day >= $2
       UNION ALL
       SELECT coalesce(outcome, state), count(*) FROM devloop.job
        WHERE created_at >= $1 AND created_at < $2::bigint * ${DAY_MS} AND ended_at IS NOT NULL GROUP BY 1
       UNION ALL
       SELECT coalesce(outcome, state), count(*) FROM devloop.job WHERE ended_at IS NULL AND created_at >= $1 GROUP BY 1
     ) counts GROUP BY word HAVING sum(count) > 0`,
    [since, firstWholeDay],
  )
  return Object.fromEntries(rows.map((row) => [row.word, row.count]))
}
