import type { PGlite } from '@electric-sql/pglite'
import { fromPglite } from 'pg-boss'
import { createBreath } from './breath.ts'
import { type Database, type Sql, withoutNul } from './sql.ts'
import { storeFailure } from './store-failure.ts'
import { createTransactionGuard } from './transaction-guard.ts'

/** What PGlite offers on its connection and within a transaction alike. */
type Connection = Pick<PGlite, 'query' | 'exec'>

/** The embedded database, spoken to like the other one. */
export function createPgliteDatabase(pglite: PGlite): Database {
  const guard = createTransactionGuard()
  const boss = fromPglite(pglite)
  const breathe = createBreath()
  const outside = sqlOf(pglite, breathe)
  return {
    kind: 'pglite',
    query(text, values) {
      guard.assertOutside()
      return outside.query(text, values)
    },
    script(text) {
      guard.assertOutside()
      return outside.script(text)
    },
    transaction(body) {
      guard.assertOutside()
      return pglite.transaction((transaction) => guard.inside(() => body(sqlOf(transaction, breathe))))
    },
    listen: (channel, onPayload) => pglite.listen(channel, onPayload),
    boss: {
      async executeSql(text, values) {
        guard.assertOutside()
        await breathe()
        return boss.executeSql(text, values)
      },
    },
    bossWithin: (sql) => ({
      executeSql: async (text, values) => ({ rows: [...(await sql.query<Record<string, unknown>>(text, values))] }),
    }),
    close: () => pglite.close(),
  }
}

function sqlOf(connection: Connection, breathe: () => Promise<void>): Sql {
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      await breathe()
      try {
        return (await connection.query<Row>(text, withoutNul(values))).rows
      } catch (error) {
        throw storeFailure(error)
      }
    },
    async script(text) {
      try {
        await connection.exec(text)
      } catch (error) {
        throw storeFailure(error)
      }
    },
  }
}
