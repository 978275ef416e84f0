import type { ReviewStore, StoredDismissal, StoredReview } from '../../ports/store.ts'
import { insertion, json, toRecord } from './columns.ts'
import type { Sql } from './sql.ts'

export function createReviewTable(sql: Sql): ReviewStore {
  return {
    async add(review) {
      const { text, values } = insertion({ ...review, body: json(review.body) })
      await sql.query(`INSERT INTO devloop.review ${text} ON CONFLICT (id) DO NOTHING`, values)
    },
    async find(id) {
      const [row] = await sql.query('SELECT * FROM devloop.review WHERE id = $1', [id])
      return row === undefined ? undefined : toRecord<StoredReview>(row)
    },
    async list(repository, pullRequest) {
      const rows = await sql.query(
        'SELECT * FROM devloop.review WHERE repository = $1 AND pull_request = $2 ORDER BY created_at DESC, id DESC',
        [repository, pullRequest],
      )
      return rows.map((row) => toRecord<StoredReview>(row))
    },
    async dismiss(dismissal) {
      const { text, values } = insertion(dismissal)
      await sql.query(
        `INSERT INTO devloop.dismissal ${text} ON CONFLICT (repository, pull_request, fingerprint)
         DO UPDATE SET by = excluded.by, reason = excluded.reason, at = excluded.at`,
        values,
      )
    },
    async listDismissals(repository, pullRequest) {
      const rows = await sql.query(
        'SELECT * FROM devloop.dismissal WHERE repository = $1 AND pull_request = $2 ORDER BY at, fingerprint',
        [repository, pullRequest],
      )
      return rows.map((row) => toRecord<StoredDismissal>(row))
    },
    async prune(before) {
      const [row] = await sql.query<{ count: number }>(
        `WITH old AS (DELETE FROM devloop.review WHERE created_at < $1 RETURNING 1),
         older AS (DELETE FROM devloop.dismissal WHERE at < $1 RETURNING 1)
         SELECT (SELECT count(*) FROM old) + (SELECT count(*) FROM older) AS count`,
        [before],
      )
      return Number(row?.count ?? 0)
    },
  }
}
