import { type Lease, type LeaseStore, RECONCILE_LEASE } from '../../ports/store.ts'
import { fenceLost } from '../../ports/store-errors.ts'
import { toRecord } from './columns.ts'
import type { Sql } from './sql.ts'

const DATABASE_TIME = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'
/** Over, or written by a clock that has been set back since; `excluded` ends a `ttlMs` from now. */
const IS_FREE = '(l.expires_at <= excluded.expires_at - $3::bigint OR l.expires_at > excluded.expires_at + $3::bigint)'

/** `isShared`: several machines hold leases here, whose clocks need not agree; the database's counts. */
export function createLeaseTable(sql: Sql, isShared: boolean): LeaseStore {
  const now = isShared ? DATABASE_TIME : '$4::bigint'
  return {
    async acquire(name, holder, ttlMs, callersNow) {
      const [row] = await sql.query(
        `INSERT INTO devloop.lease AS l (name, holder, fence, expires_at) VALUES ($1, $2, 1, ${now} + $3::bigint)
         ON CONFLICT (name) DO UPDATE SET
           holder = excluded.holder,
           fence = CASE WHEN ${IS_FREE} THEN l.fence + 1 ELSE l.fence END,
           expires_at = excluded.expires_at
         WHERE ${IS_FREE} OR l.holder = excluded.holder
         RETURNING l.name, l.holder, l.fence, l.expires_at - ${now} + $4::bigint AS expires_at`,
        [name, holder, ttlMs, callersNow],
      )
      return row === undefined ? undefined : toRecord<Lease>(row)
    },
    async release(name, holder) {
      await sql.query('UPDATE devloop.lease SET expires_at = 0 WHERE name = $1 AND holder = $2', [name, holder])
    },
  }
}

/** Refuses an old fence, and keeps the lease from changing hands until the transaction ends. */
export async function holdReconcileFence(sql: Sql, what: string, fence: number): Promise<void> {
  const rows = await sql.query('SELECT 1 FROM devloop.lease WHERE name = $1 AND fence = $2 FOR UPDATE', [
    RECONCILE_LEASE,
    fence,
  ])
  if (rows.length === 0) throw fenceLost(what, fence)
}

/** The same as a condition of a single statement: `$1` is the lease, `$2` the fence. */
export const FENCE_HELD = 'EXISTS (SELECT 1 FROM devloop.lease WHERE name = $1 AND fence = $2 FOR SHARE)'
