import type { StoreTransaction } from '../../ports/store.ts'
import type { Database, Sql } from './sql.ts'

const connections = new WeakMap<StoreTransaction, Sql>()

/** Runs `body` in one database transaction, known to the ports by an opaque token. */
export function runInTransaction<T>(
  database: Database,
  body: (transaction: StoreTransaction) => Promise<T>,
): Promise<T> {
  return database.transaction((sql) => {
    const token = {} as StoreTransaction
    connections.set(token, sql)
    return body(token)
  })
}

/** The connection of a transaction. */
export function connectionOf(transaction: StoreTransaction): Sql {
  const sql = connections.get(transaction)
  if (sql === undefined) throw new Error('the transaction belongs to another store')
  return sql
}
