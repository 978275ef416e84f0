import { type PodRow, type PodStore, RECONCILE_LEASE } from '../../ports/store.ts'
import { budgetReached, fenceLost, storeConflict, storeMissing } from '../../ports/store-errors.ts'
import { assignment, insertion, toRecord } from './columns.ts'
import { FENCE_HELD, holdReconcileFence } from './lease-table.ts'
import { sumCommitted } from './ledger-table.ts'
import type { Database } from './sql.ts'
import { isDuplicate } from './store-failure.ts'

const LIVE = `state NOT IN ('gone', 'rejected')`

export function createPodTable(database: Database): PodStore {
  const many = async (text: string, values: readonly unknown[] = []): Promise<readonly PodRow[]> =>
    (await database.query(text, values)).map((row) => toRecord<PodRow>(row))
  return {
    async insertIntent(row, fence, caps) {
      const { text, values } = insertion(row)
      try {
        await database.transaction(async (sql) => {
          await holdReconcileFence(sql, `Pod ${row.name}`, fence)
          for (const cap of caps) {
            const committed = await sumCommitted(sql, cap.since)
            if (committed + row.reservedMicroUsd > cap.capMicroUsd) {
              throw budgetReached(cap, committed, row.reservedMicroUsd)
            }
          }
          await sql.query(`INSERT INTO devloop.pod ${text}`, values)
          await sql.query(
            `INSERT INTO devloop.ledger AS l (pod_name, reserve) VALUES ($1, $2)
             ON CONFLICT (pod_name) DO UPDATE SET reserve = excluded.reserve WHERE l.settle IS NULL`,
            [row.name, row.reservedMicroUsd],
          )
        })
      } catch (error) {
        throw isDuplicate(error) ? storeConflict(`Pod ${row.name} or a live one in slot ${row.slot}`, error) : error
      }
    },
    async update(name, fence, patch) {
      const { text, values } = assignment(patch, 4)
      const rows = await database.query(
        `UPDATE devloop.pod SET ${text === '' ? 'name = name' : text} WHERE name = $3 AND ${FENCE_HELD} RETURNING 1`,
        [RECONCILE_LEASE, fence, name, ...values],
      )
      if (rows.length > 0) return
      const known = await database.query('SELECT 1 FROM devloop.lease WHERE name = $1 AND fence = $2', [
        RECONCILE_LEASE,
        fence,
      ])
      throw known.length > 0 ? storeMissing(`Pod ${name}`) : fenceLost(`Pod ${name}`, fence)
    },
    listLive: () => many(`SELECT * FROM devloop.pod WHERE ${LIVE} ORDER BY slot`),
    async find(name) {
      const [row] = await many('SELECT * FROM devloop.pod WHERE name = $1', [name])
      return row
    },
    listSince: (since) => many('SELECT * FROM devloop.pod WHERE intent_at >= $1 ORDER BY intent_at', [since]),
  }
}
