import type { FactStore, Json } from '../../ports/store.ts'
import { json } from './columns.ts'
import type { Sql } from './sql.ts'

interface Fact {
  readonly key: string
  readonly value: Json
}

export function createFactTable(sql: Sql): FactStore {
  return {
    async get(key) {
      const [row] = await sql.query<Fact>('SELECT value FROM devloop.fact WHERE key = $1', [key])
      return row?.value
    },
    async set(key, value) {
      await sql.query(
        `INSERT INTO devloop.fact (key, value) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        [key, json(value) ?? 'null'],
      )
    },
    async swap(key, expected, value) {
      const written = json(value) ?? 'null'
      const rows =
        expected === undefined
          ? await sql.query(
              'INSERT INTO devloop.fact (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING RETURNING 1',
              [key, written],
            )
          : await sql.query('UPDATE devloop.fact SET value = $2 WHERE key = $1 AND value::text = $3 RETURNING 1', [
              key,
              written,
              json(expected) ?? 'null',
            ])
      return rows.length === 1
    },
    async delete(key) {
      await sql.query('DELETE FROM devloop.fact WHERE key = $1', [key])
    },
    async listByPrefix(prefix) {
      const rows = await sql.query<Fact>(
        'SELECT key, value FROM devloop.fact WHERE starts_with(key, $1) AND key >= $1 ORDER BY key',
        [prefix],
      )
      return new Map(rows.map((row) => [row.key, row.value]))
    },
  }
}
