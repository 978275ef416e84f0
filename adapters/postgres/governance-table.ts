import type { GovernanceStore, StoredVerdict, StoredWaiver, VerdictHead } from '../../ports/store.ts'
import { insertion, json, toRecord } from './columns.ts'
import type { Sql } from './sql.ts'

export function createGovernanceTable(sql: Sql): GovernanceStore {
  return {
    async addVerdict(verdict) {
      const { text, values } = insertion({ ...verdict, verdict: json(verdict.verdict) })
      await sql.query(`INSERT INTO devloop.verdict ${text} ON CONFLICT (id) DO NOTHING`, values)
    },
    async findVerdict(id) {
      const [row] = await sql.query('SELECT * FROM devloop.verdict WHERE id = $1', [id])
      return row === undefined ? undefined : toRecord<StoredVerdict>(row)
    },
    async listVerdicts(repository, limit) {
      const rows = await sql.query(
        `SELECT * FROM devloop.verdict ${repository === undefined ? '' : 'WHERE repository = $2'}
         ORDER BY created_at DESC, id DESC LIMIT $1`,
        repository === undefined ? [limit] : [limit, repository],
      )
      return rows.map((row) => toRecord<StoredVerdict>(row))
    },
    async listVerdictHeads(repository, limit, before) {
      const rows = await sql.query(
        `SELECT id, repository, pull_request, head_sha, conclusion, drift, created_at FROM devloop.verdict
         WHERE ($2::text IS NULL OR repository = $2) AND ($3::bigint IS NULL OR created_at < $3)
         ORDER BY created_at DESC, id DESC LIMIT $1`,
        [limit, repository ?? null, before ?? null],
      )
      return rows.map((row) => toRecord<VerdictHead>(row))
    },
    async addWaiver(waiver) {
      const { text, values } = insertion(waiver)
      await sql.query(
        `INSERT INTO devloop.waiver ${text} ON CONFLICT (repository, pull_request, head_sha, rule)
         DO UPDATE SET by = excluded.by, reason = excluded.reason, at = excluded.at`,
        values,
      )
    },
    async listRecentWaivers(limit) {
      const rows = await sql.query('SELECT * FROM devloop.waiver ORDER BY at DESC, rule LIMIT $1', [limit])
      return rows.map((row) => toRecord<StoredWaiver>(row))
    },
    async listWaivers(repository, pullRequest, headSha) {
      const rows = await sql.query(
        'SELECT * FROM devloop.waiver WHERE repository = $1 AND pull_request = $2 AND head_sha = $3 ORDER BY at, rule',
        [repository, pullRequest, headSha],
      )
      return rows.map((row) => toRecord<StoredWaiver>(row))
    },
    async prune(before) {
      const [row] = await sql.query<{ count: number }>(
        `WITH old AS (DELETE FROM devloop.verdict WHERE id IN
           (SELECT id FROM devloop.verdict WHERE created_at < $1 ORDER BY created_at LIMIT 1000) RETURNING 1)
         SELECT count(*) AS count FROM old`,
        [before],
      )
      return Number(row?.count ?? 0)
    },
  }
}
