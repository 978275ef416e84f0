import { fromPglite } from 'pg-boss'
import type { Database, Sql } from './sql.ts'
import type { PgliteConnection, PgliteThread } from './start-pglite.ts'
import { storeFailure } from './store-failure.ts'
import { createTransactionGuard } from './transaction-guard.ts'
import { translatedSql } from './translated-sql.ts'

/** The embedded database, spoken to like the other one. */
export function createPgliteDatabase(pglite: PgliteThread): Database {
  const guard = createTransactionGuard()
  const boss = fromPglite(pglite)
  const outside = sqlOf(pglite)
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
        pglite.transaction((transaction) => guard.inside(() => both(sqlOf(transaction)))),
      )
    },
    listen: (channel, onPayload) => pglite.listen(channel, onPayload),
    boss: {
      async executeSql(text, values) {
        guard.assertOutside()
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

function sqlOf(connection: PgliteConnection): Sql {
  return translatedSql({
    rows: async (text, values) => (await connection.query(text, values)).rows,
    run: (text) => connection.exec(text),
  })
}
