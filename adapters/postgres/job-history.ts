import type { JobEvent, JobStore, Json } from '../../ports/store.ts'
import { fenceLost, storeMissing } from '../../ports/store-errors.ts'
import { insertion, json } from './columns.ts'
import type { Sql } from './sql.ts'

/** Finished steps and the timeline of a job. */
export function createJobHistory(sql: Sql): Pick<JobStore, 'recordStep' | 'listSteps' | 'addEvent' | 'listEvents'> {
  return {
    async recordStep(id, fence, step, value) {
      // The lock on the job's row keeps a new owner from claiming it between the check and the insert.
      const [row] = await sql.query<{ value: Json }>(
        `INSERT INTO devloop.job_step AS s (job_id, step, value)
         SELECT id, $3, $4::json FROM (SELECT id FROM devloop.job WHERE id = $1 AND fence = $2 FOR SHARE) owned
         ON CONFLICT (job_id, step) DO UPDATE SET value = s.value RETURNING value`,
        [id, fence, step, json(value) ?? 'null'],
      )
      if (row !== undefined) return row.value
      const known = await sql.query('SELECT 1 FROM devloop.job WHERE id = $1', [id])
      throw known.length > 0 ? fenceLost(`Job ${id}`, fence) : storeMissing(`Job ${id}`)
    },
    async listSteps(id) {
      const rows = await sql.query<{ step: string; value: Json }>(
        'SELECT step, value FROM devloop.job_step WHERE job_id = $1 ORDER BY seq',
        [id],
      )
      return new Map(rows.map((row) => [row.step, row.value]))
    },
    async addEvent(id, event) {
      const { text, values } = insertion({ jobId: id, ...event, facts: json(event.facts) })
      await sql.query(`INSERT INTO devloop.job_event ${text}`, values)
    },
    async listEvents(id) {
      return sql.query<JobEvent>('SELECT at, kind, text, facts FROM devloop.job_event WHERE job_id = $1 ORDER BY seq', [
        id,
      ])
    },
  }
}
