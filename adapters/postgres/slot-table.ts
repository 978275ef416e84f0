import type { Clock } from '../../ports/clock.ts'
import type { SlotHold, SlotStore } from '../../ports/store.ts'
import { toRecord } from './columns.ts'
import type { Sql } from './sql.ts'

/** Two who ask at once pick the same seats; who loses looks again. */
const TRIES = 4

/** A seat is a row: the primary key, not a count, keeps two from sitting on it. */
export function createSlotTable(sql: Sql, clock: Clock): SlotStore {
  const takeOnce = async (hold: SlotHold, wanted: number, parallel: number): Promise<number> => {
    const rows = await sql.query(
      `INSERT INTO devloop.slot_seat AS held (pod_name, seat, job_id, repository, held_at, expires_at)
       SELECT pod.name, place, $2, $3, $4, $5
       FROM (SELECT name FROM devloop.pod WHERE name = $1 AND state IN ('ready', 'busy') FOR SHARE) pod,
            generate_series(0, $7::int - 1) AS place
       WHERE NOT EXISTS (SELECT 1 FROM devloop.slot_seat s WHERE s.pod_name = $1 AND s.seat = place AND s.expires_at > $8)
       ORDER BY place LIMIT $6
       ON CONFLICT (pod_name, seat) DO UPDATE SET job_id = excluded.job_id, repository = excluded.repository,
         held_at = excluded.held_at, expires_at = excluded.expires_at
       WHERE held.expires_at <= $8
       RETURNING 1`,
      [hold.podName, hold.jobId, hold.repository, hold.heldAt, hold.expiresAt, wanted, parallel, clock.now()],
    )
    return rows.length
  }
  const freeSeats = async (podName: string, parallel: number): Promise<number> => {
    const [row] = await sql.query<{ count: number }>(
      'SELECT count(*) AS count FROM devloop.slot_seat WHERE pod_name = $1 AND seat < $2 AND expires_at > $3',
      [podName, parallel, clock.now()],
    )
    return parallel - (row?.count ?? 0)
  }
  return {
    async take(hold, wanted, parallel) {
      let taken = 0
      for (let tries = 0; tries < TRIES && taken < wanted; tries++) {
        const got = await takeOnce(hold, wanted - taken, parallel)
        taken += got
        if (got === 0 && (await freeSeats(hold.podName, parallel)) <= 0) break
      }
      return taken
    },
    async renew(jobId, expiresAt) {
      await sql.query('UPDATE devloop.slot_seat SET expires_at = $2 WHERE job_id = $1', [jobId, expiresAt])
    },
    async release(jobId) {
      await sql.query('DELETE FROM devloop.slot_seat WHERE job_id = $1', [jobId])
    },
    async list() {
      const rows = await sql.query(
        `SELECT pod_name, job_id, repository, min(held_at) AS held_at, max(expires_at) AS expires_at, count(*) AS count
         FROM devloop.slot_seat WHERE expires_at > $1 GROUP BY pod_name, job_id, repository ORDER BY held_at`,
        [clock.now()],
      )
      return rows.map((row) => toRecord<SlotHold & { readonly count: number }>(row))
    },
  }
}
