import { type Sql, withoutNul } from './sql.ts'
import { storeFailure } from './store-failure.ts'

/** What either client library offers on a connection and within a transaction. */
interface Connection {
  rows(text: string, values: unknown[]): Promise<readonly object[]>
  run(text: string): Promise<unknown>
}

/** Statements on one connection, with failures as the rest of the house knows them. */
export function translatedSql(connection: Connection): Sql {
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      return (await translated(connection.rows(text, withoutNul(values)))) as readonly Row[]
    },
    async script(text) {
      await translated(connection.run(text))
    },
  }
}

function translated<T>(statement: Promise<T>): Promise<T> {
  return statement.catch((error: unknown) => {
    throw storeFailure(error)
  })
}
