import type { ApiKeyRow, KeyStore } from '../../ports/store.ts'
import { storeConflict } from '../../ports/store-errors.ts'
import { insertion, toRecord } from './columns.ts'
import type { Sql } from './sql.ts'
import { isDuplicate } from './store-failure.ts'

export function createKeyTable(sql: Sql): KeyStore {
  return {
    async add(row) {
      const { text, values } = insertion(row)
      try {
        await sql.query(`INSERT INTO devloop.api_key ${text}`, values)
      } catch (error) {
        throw isDuplicate(error) ? storeConflict(`Key ${row.id}`, error) : error
      }
    },
    async findByHash(hash) {
      const [row] = await sql.query('SELECT * FROM devloop.api_key WHERE hash = $1', [hash])
      return row === undefined ? undefined : toRecord<ApiKeyRow>(row)
    },
    async list() {
      const rows = await sql.query('SELECT * FROM devloop.api_key ORDER BY created_at, id')
      return rows.map((row) => toRecord<ApiKeyRow>(row))
    },
    async revoke(id, at) {
      const rows = await sql.query(
        'UPDATE devloop.api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING 1',
        [id, at],
      )
      return rows.length > 0
    },
    async touch(id, at) {
      await sql.query('UPDATE devloop.api_key SET last_used_at = $2 WHERE id = $1', [id, at])
    },
  }
}
