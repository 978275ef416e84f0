import { type MicroUsd, microUsd } from '../../ports/money.ts'
import { type JobCost, type LedgerStore, RECONCILE_LEASE, type Settlement } from '../../ports/store.ts'
import { fenceLost } from '../../ports/store-errors.ts'
import { insertion, toRecord } from './columns.ts'
import { FENCE_HELD } from './lease-table.ts'
import type { Sql } from './sql.ts'

const DAY_MS = 86_400_000
const SPENT = 'coalesce(bill, settle, accrue)'

export function createLedgerTable(sql: Sql): LedgerStore {
  const sum = async (text: string, values: readonly unknown[]): Promise<MicroUsd> => {
    const [row] = await sql.query<{ sum: number }>(text, values)
    return microUsd(row?.sum ?? 0)
  }
  return {
    async write(entry, fence) {
      const spentAt = entry.kind === 'reserve' ? null : entry.at
      // A bill comes after the settlement, changes nothing of it, and belongs to the same day.
      const isOpen = entry.kind === 'bill' ? 'true' : 'l.settle IS NULL'
      const rows = await sql.query(
        `INSERT INTO devloop.ledger AS l (pod_name, ${entry.kind}, spent_at)
         SELECT $3::text, $4::bigint, $5::bigint WHERE ${FENCE_HELD}
         ON CONFLICT (pod_name) DO UPDATE SET
           ${entry.kind} = CASE WHEN ${isOpen} THEN excluded.${entry.kind} ELSE l.${entry.kind} END,
           spent_at = CASE WHEN l.settle IS NULL THEN coalesce(excluded.spent_at, l.spent_at) ELSE l.spent_at END
         RETURNING 1`,
        [RECONCILE_LEASE, fence, entry.podName, entry.microUsd, spentAt],
      )
      if (rows.length === 0) throw fenceLost(`The ledger of pod ${entry.podName}`, fence)
    },
    committed: async (since) => microUsd(await sumCommitted(sql, since)),
    spent: (since, until) =>
      sum(
        `SELECT coalesce(sum(${SPENT}), 0)::bigint AS sum FROM devloop.ledger
         WHERE spent_at >= $1 AND ($2::bigint IS NULL OR spent_at < $2)`,
        [since, until ?? null],
      ),
    async totals({ day, month, recent }) {
      const days = await sql.query<{ at: number; spent: number; jobs: number; used: number }>(
        `SELECT day * ${DAY_MS} AS at, sum(spent)::bigint AS spent, sum(jobs)::bigint AS jobs, sum(used)::bigint AS used FROM
           (SELECT spent_at / ${DAY_MS} AS day, ${SPENT} AS spent, 0 AS jobs, 0 AS used FROM devloop.ledger WHERE spent_at >= $1
             UNION ALL SELECT day, 0, jobs, micro_usd FROM devloop.charge_day WHERE day >= $1::bigint / ${DAY_MS}) both_of_them
         GROUP BY day`,
        [Math.min(day, month, recent)],
      )
      const since = (start: number, pick: (row: (typeof days)[number]) => number) =>
        days.reduce((total, row) => total + (row.at >= start ? pick(row) : 0), 0)
      return {
        dayMicroUsd: microUsd(since(day, ({ spent }) => spent)),
        monthMicroUsd: microUsd(since(month, ({ spent }) => spent)),
        monthJobs: since(month, ({ jobs }) => jobs),
        recentMicroUsd: microUsd(since(recent, ({ spent }) => spent)),
        recentIdleMicroUsd: microUsd(since(recent, ({ spent, used }) => Math.max(0, spent - used))),
      }
    },
    async settlements(since) {
      const rows = await sql.query(
        `SELECT pod_name, spent_at AS at, settle AS clock_micro_usd, bill AS bill_micro_usd FROM devloop.ledger
         WHERE spent_at >= $1 AND settle IS NOT NULL ORDER BY spent_at, pod_name`,
        [since],
      )
      return rows.map((row) => toRecord<Settlement>(row))
    },
    async chargeJob(cost) {
      const { text, values } = insertion(cost)
      await sql.query(`INSERT INTO devloop.job_cost ${text}`, values)
    },
    async jobCosts(since) {
      const rows = await sql.query(
        'SELECT job_id, pod_name, repository, micro_usd, gpu_ms, at FROM devloop.job_cost WHERE at >= $1 ORDER BY seq',
        [since],
      )
      return rows.map((row) => toRecord<JobCost>(row))
    },
    async jobTotals(since) {
      const rows = await sql.query<{ day: number; repository: string | null; jobs: number; cost: number; gpu: number }>(
        `SELECT at / ${DAY_MS} AS day, repository, count(DISTINCT job_id) AS jobs, sum(micro_usd)::bigint AS cost,
           sum(gpu_ms)::bigint AS gpu
         FROM devloop.job_cost WHERE at >= $1 GROUP BY 1, 2 ORDER BY 1, coalesce(repository, '')`,
        [since],
      )
      return rows.map(({ day, repository, jobs, cost, gpu }) => ({
        day: new Date(day * DAY_MS).toISOString().slice(0, 10),
        repository,
        jobs,
        microUsd: microUsd(cost),
        gpuMs: gpu,
      }))
    },
    async perDay(since) {
      const rows = await sql.query<{ day: number; spent: number; used: number }>(
        `SELECT day, spent, coalesce(used, 0) AS used FROM
           (SELECT spent_at / ${DAY_MS} AS day, sum(${SPENT})::bigint AS spent FROM devloop.ledger
             WHERE spent_at >= $1 GROUP BY 1) spending
           LEFT JOIN (SELECT day, sum(micro_usd)::bigint AS used FROM devloop.charge_day
             WHERE day >= $1::bigint / ${DAY_MS} GROUP BY 1) jobs USING (day)
         ORDER BY day`,
        [since],
      )
      return rows.map(({ day, spent, used }) => ({
        day: new Date(day * DAY_MS).toISOString().slice(0, 10),
        microUsd: microUsd(spent),
        idleMicroUsd: microUsd(Math.max(0, spent - used)),
      }))
    },
  }
}

/** Settled or accrued since then, and what live pods have reserved beyond their accrual. */
export async function sumCommitted(sql: Sql, since: number): Promise<number> {
  const [row] = await sql.query<{ sum: number }>(
    `SELECT (
       (SELECT coalesce(sum(${SPENT}), 0) FROM devloop.ledger WHERE spent_at >= $1) +
       (SELECT coalesce(sum(greatest(0, l.reserve - coalesce(l.accrue, 0))), 0)
          FROM devloop.pod p JOIN devloop.ledger l ON l.pod_name = p.name
         WHERE p.state NOT IN ('gone', 'rejected') AND l.settle IS NULL)
     )::bigint AS sum`,
    [since],
  )
  return row?.sum ?? 0
}
