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
  }
}
