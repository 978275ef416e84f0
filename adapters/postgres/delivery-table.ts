import type { DeliveryId } from '../../ports/ids.ts'
import type { DeliveryStore, StoredDelivery } from '../../ports/store.ts'
import { toRecord } from './columns.ts'
import type { Sql } from './sql.ts'

export function createDeliveryTable(sql: Sql): DeliveryStore {
  return {
    async addAll(deliveries) {
      if (deliveries.length === 0) return new Set()
      // Rows of values: within an array each payload would be quoted, read and copied once more, which costs more than storing it.
      const rows = await sql.query<{ id: DeliveryId }>(
        `INSERT INTO devloop.delivery (id, event, received_at, payload) VALUES ${placesFor(deliveries.length)}
         ON CONFLICT (id) DO NOTHING RETURNING id`,
        deliveries.flatMap(({ id, event, receivedAt, payload }) => [id, event, receivedAt, payload]),
      )
      return new Set(rows.map((row) => row.id))
    },
    async find(id) {
      const [row] = await sql.query('SELECT id, event, received_at, payload FROM devloop.delivery WHERE id = $1', [id])
      return row === undefined ? undefined : toRecord<StoredDelivery>(row)
    },
    async markDone(ids, fate, at) {
      if (ids.length === 0) return
      await sql.query('UPDATE devloop.delivery SET fate = $2, done_at = $3 WHERE id = ANY($1::text[])', [ids, fate, at])
    },
    async listUndone(olderThan, limit) {
      const rows = await sql.query<{ id: DeliveryId }>(
        'SELECT id FROM devloop.delivery WHERE fate IS NULL AND received_at < $1 ORDER BY received_at LIMIT $2',
        [olderThan, limit],
      )
      return rows.map((row) => row.id)
    },
    async prune(before) {
      const [row] = await sql.query<{ count: number }>(
        `WITH gone AS (DELETE FROM devloop.delivery WHERE fate IS NOT NULL AND received_at < $1 RETURNING 1)
         SELECT count(*) AS count FROM gone`,
        [before],
      )
      return row?.count ?? 0
    },
    async countByFate() {
      const rows = await sql.query<{ fate: 'undone' | 'handled' | 'ignored' | 'failed'; count: number }>(
        `SELECT coalesce(fate, 'undone') AS fate, count(*) AS count FROM devloop.delivery GROUP BY 1`,
      )
      return {
        undone: 0,
        handled: 0,
        ignored: 0,
        failed: 0,
        ...Object.fromEntries(rows.map((row) => [row.fate, row.count])),
      }
    },
  }
}

function placesFor(rows: number): string {
  return Array.from(
    { length: rows },
    (_, row) => `($${row * 4 + 1}, $${row * 4 + 2}, $${row * 4 + 3}, $${row * 4 + 4})`,
  ).join(', ')
}
