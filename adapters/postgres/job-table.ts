import { microUsd } from '../../ports/money.ts'
import type { JobFilter, JobRow, JobStore } from '../../ports/store.ts'
import { fenceLost, storeConflict, storeMissing } from '../../ports/store-errors.ts'
import { assignment, insertion, json, toRecord } from './columns.ts'
import { addEnded } from './ended-jobs.ts'
import { checkLimits } from './job-limits.ts'
import { createClaims, createEnds, isEnd } from './job-writes.ts'
import { createJobHistory } from './job-history.ts'
import { countByOutcome } from './job-counts.ts'
import type { Database, Sql } from './sql.ts'
import { isDuplicate } from './store-failure.ts'
import { connectionOf } from './store-transaction.ts'

const FILTER_COLUMNS: Readonly<Record<keyof JobFilter, string>> = {
  kind: 'kind',
  state: 'state',
  repository: 'repository',
  pullRequest: 'pull_request',
  outcome: 'outcome',
}

export function createJobTable(database: Database, signalJobs: () => Promise<void>): JobStore {
  const one = async (text: string, values: readonly unknown[]): Promise<JobRow | undefined> => {
    const [row] = await database.query(text, values)
    return row === undefined ? undefined : toRecord<JobRow>(row)
  }
  const claim = createClaims(database)
  const end = createEnds(database)
  const whyNot = async (id: string, fence: number, sql: Pick<Sql, 'query'> = database) => {
    const known = await sql.query('SELECT 1 FROM devloop.job WHERE id = $1', [id])
    return known.length > 0 ? fenceLost(`Job ${id}`, fence) : storeMissing(`Job ${id}`)
  }
  return {
    ...createJobHistory(database),
    async create(job, transaction, limits) {
      const { text, values } = insertion({ ...job, request: json(job.request) })
      const insert = async (sql: Pick<Database, 'query'>) => {
        if (limits !== undefined) await checkLimits(sql, job, limits)
        await sql.query(`INSERT INTO devloop.job ${text}`, values)
      }
      try {
        if (transaction !== undefined) await insert(connectionOf(transaction))
        else if (limits !== undefined) await database.transaction(insert)
        else await insert(database)
      } catch (error) {
        throw isDuplicate(error) ? storeConflict(`Job ${job.id}`, error) : error
      }
    },
    async addEnded(jobs) {
      try {
        await addEnded(database, jobs)
      } catch (error) {
        throw isDuplicate(error) ? storeConflict(`One of ${jobs.length} ended jobs`, error) : error
      }
    },
    async prune(before) {
      // The counts of ended jobs stay: they are kept by a trigger of updates.
      const [row] = await database.query<{ count: number }>(
        `WITH old AS (DELETE FROM devloop.job WHERE id IN (SELECT id FROM devloop.job
           WHERE ended_at < $1 AND created_at < $1 ORDER BY created_at LIMIT 1000) RETURNING id),
         steps AS (DELETE FROM devloop.job_step USING old WHERE job_step.job_id = old.id),
         events AS (DELETE FROM devloop.job_event USING old WHERE job_event.job_id = old.id)
         SELECT count(*) AS count FROM old`,
        [before],
      )
      return Number(row?.count ?? 0)
    },
    find: (id) => one('SELECT * FROM devloop.job WHERE id = $1', [id]),
    async list(filter, limit, cursor) {
      const wanted = Object.entries(filter).filter(([, value]) => value !== undefined)
      const conditions = wanted.map(([field], index) => `${FILTER_COLUMNS[field as keyof JobFilter]} = $${index + 2}`)
      if (cursor !== undefined) conditions.push(`id < $${wanted.length + 2}`)
      const rows = await database.query(
        `SELECT * FROM devloop.job ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY id DESC LIMIT $1`,
        [limit, ...wanted.map(([, value]) => value), ...(cursor === undefined ? [] : [cursor])],
      )
      return rows.map((row) => toRecord<JobRow>(row))
    },
    async listResults(kind, limit) {
      const rows = await database.query(
        'SELECT id, result FROM devloop.job WHERE kind = $1 ORDER BY id DESC LIMIT $2',
        [kind, limit],
      )
      return rows.map((row) => toRecord<Pick<JobRow, 'id' | 'result'>>(row))
    },
    claim: (id, at) => claim({ id, at }),
    async update(id, fence, patch, transaction) {
      if (transaction === undefined && isEnd(patch)) {
        if (await end({ id, fence, patch })) return
        throw await whyNot(id, fence)
      }
      const sql = transaction === undefined ? database : connectionOf(transaction)
      const { text, values } = assignment('result' in patch ? { ...patch, result: json(patch.result) } : patch, 3)
      const rows = await sql.query(
        `UPDATE devloop.job SET ${text === '' ? 'fence = fence' : text} WHERE id = $1 AND fence = $2 RETURNING 1`,
        [id, fence, ...values],
      )
      if (rows.length > 0) return
      throw await whyNot(id, fence, sql)
    },
    async requestCancel(id) {
      await database.query('UPDATE devloop.job SET cancel_requested = true WHERE id = $1 AND ended_at IS NULL', [id])
      await signalJobs()
    },
    async listOpen(limit) {
      const rows = await database.query('SELECT * FROM devloop.job WHERE ended_at IS NULL ORDER BY id LIMIT $1', [
        limit,
      ])
      return rows.map((row) => toRecord<JobRow>(row))
    },
    async countByUser(login, since) {
      const [row] = await database.query<{ created: number; open: number; cost: number }>(
        `SELECT count(*) AS created, count(*) FILTER (WHERE ended_at IS NULL) AS open,
           coalesce(sum(cost_micro_usd), 0)::bigint AS cost
         FROM devloop.job WHERE requested_by = $1 AND created_at >= $2`,
        [login, since],
      )
      const { cost = 0, ...counts } = row ?? { created: 0, open: 0 }
      return { ...counts, costMicroUsd: microUsd(Number(cost)) }
    },
    countByOutcome: (since) => countByOutcome(database, since),
  }
}
