import type { Sql } from './sql.ts'

const DAY_MS = 86_400_000

/** Ended jobs come from the daily counters, those of the day in which `since` falls and the open ones from the rows. */
export async function countByOutcome(sql: Sql, since: number): Promise<Readonly<Record<string, number>>> {
  const firstWholeDay = Math.ceil(since / DAY_MS)
  const ofPartDay = `UNION ALL
     SELECT coalesce(outcome, state), count(*) FROM devloop.job
      WHERE created_at >= $1 AND created_at < $2::bigint * ${DAY_MS} AND ended_at IS NOT NULL GROUP BY 1`
  const rows = await sql.query<{ word: string; count: number }>(
    `SELECT word, sum(count)::bigint AS count FROM (
       SELECT word, sum(count) AS count FROM devloop.job_count WHERE day >= $2 GROUP BY word
       ${since % DAY_MS === 0 ? '' : ofPartDay}
       UNION ALL
       SELECT word, count(*) FROM
         (SELECT coalesce(outcome, state) AS word, created_at FROM devloop.job WHERE ended_at IS NULL OFFSET 0) open
        WHERE created_at >= $1 GROUP BY 1
     ) counts GROUP BY word HAVING sum(count) > 0`,
    [since, firstWholeDay],
  )
  return Object.fromEntries(rows.map((row) => [row.word, row.count]))
}
