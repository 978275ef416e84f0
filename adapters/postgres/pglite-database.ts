import type { PGlite } from '@electric-sql/pglite'
import { fromPglite } from 'pg-boss'
import { createBreath } from './breath.ts'
import type { Database, Sql } from './sql.ts'
import { storeFailure } from './store-failure.ts'
import { createTransactionGuard } from './transaction-guard.ts'
import { translatedSql } from './translated-sql.ts'

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
      return translatedEnds(body, (both) =>
        pglite.transaction((transaction) => guard.inside(() => both(sqlOf(transaction, breathe)))),
      )
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

/** BEGIN and COMMIT are PGlite's own statements, and fail like any other: a full disk is most often met at COMMIT. */
async function translatedEnds<T>(
  body: (sql: Sql) => Promise<T>,
  transact: (body: (sql: Sql) => Promise<T>) => Promise<T>,
): Promise<T> {
  let isOfBody = false
  const watched = async (sql: Sql) => {
    try {
      return await body(sql)
    } catch (error) {
      isOfBody = true
      throw error
    }
  }
  try {
    return await transact(watched)
  } catch (error) {
    throw isOfBody ? error : storeFailure(error)
  }
}

function sqlOf(connection: Connection, breathe: () => Promise<void>): Sql {
  return translatedSql({
    async rows(text, values) {
      await breathe()
      return (await connection.query<object>(text, values)).rows
    },
    run: (text) => connection.exec(text),
  })
}
