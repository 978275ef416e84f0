import type { DemandRow, DemandStore } from '../../ports/store.ts'
import { assignment, insertion, toRecord } from './columns.ts'
import type { Sql } from './sql.ts'

export function createDemandTable(sql: Sql): DemandStore {
  return {
    async put(row) {
      const { user, ...rest } = row
      const { text, values } = insertion({ ...rest, '"user"': user })
      await sql.query(
        `INSERT INTO devloop.demand ${text} ON CONFLICT (job_id) DO UPDATE SET
           repository = excluded.repository, "user" = excluded."user", model = excluded.model, load = excluded.load,
           slots_wanted = excluded.slots_wanted, created_at = excluded.created_at, expires_at = excluded.expires_at,
           max_cost_micro_usd = excluded.max_cost_micro_usd, note = excluded.note, refused = excluded.refused`,
        values,
      )
    },
    async patch(jobId, patch) {
      const { text, values } = assignment(patch, 2)
      if (text !== '') await sql.query(`UPDATE devloop.demand SET ${text} WHERE job_id = $1`, [jobId, ...values])
    },
    async remove(jobId) {
      await sql.query('DELETE FROM devloop.demand WHERE job_id = $1', [jobId])
    },
    async list() {
      const rows = await sql.query('SELECT * FROM devloop.demand ORDER BY created_at, job_id')
      return rows.map((row) => toRecord<DemandRow>(row))
    },
  }
}
