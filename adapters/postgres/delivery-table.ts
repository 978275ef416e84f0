import type { DeliveryId } from '../../ports/ids.ts'
import type { DeliveryStore, StoredDelivery } from '../../ports/store.ts'
import { createDeliveryBlocks } from './delivery-blocks.ts'
import type { Database } from './sql.ts'

interface DeliveryRow extends StoredDelivery {
  /** Where the payload lies when it is not in the row. */
  readonly block: number | null
  readonly place: number
}

export function createDeliveryTable(sql: Pick<Database, 'kind' | 'query'>): DeliveryStore {
  const blocks = createDeliveryBlocks(sql)
  return {
    async addAll(deliveries) {
      if (deliveries.length === 0) return new Set()
      // A server that is shared has room of its own, and replicas of the version before read the payload in the row.
      if (sql.kind === 'pglite') return blocks.addAll(deliveries)
      // Rows of values: within an array each payload would be quoted, read and copied once more, which costs more than storing it.
      const rows = await sql.query<{ id: DeliveryId }>(
        `INSERT INTO devloop.delivery (id, event, received_at, payload) VALUES ${placesFor(deliveries.length)}
         ON CONFLICT (id) DO NOTHING RETURNING id`,
        deliveries.flatMap(({ id, event, receivedAt, payload }) => [id, event, receivedAt, payload]),
      )
      return new Set(rows.map((row) => row.id))
    },
    async find(id) {
      const [row] = await sql.query<DeliveryRow>(
        'SELECT id, event, received_at AS "receivedAt", payload, block, place FROM devloop.delivery WHERE id = $1',
        [id],
      )
      if (row === undefined) return undefined
      const { block, place, ...delivery } = row
      return block === null ? delivery : { ...delivery, payload: await blocks.textAt(block, place) }
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
      await blocks.prune(before)
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
