/** One connection, or one transaction on it. Both databases are spoken to through this alone. */
export interface Sql {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** Several statements without parameters. */
  script(text: string): Promise<void>
}

/** What pg-boss asks of a database. */
export interface BossSql {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
}

export type Unlisten = () => Promise<void>

export interface Database extends Sql {
  /** `pglite` lives in this process and nobody else can open it; `postgres` may be shared. */
  readonly kind: 'pglite' | 'postgres'
  transaction<T>(body: (sql: Sql) => Promise<T>): Promise<T>
  /** Notifications that committed; lost while the connection is down, so nobody may rely on them alone. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<Unlisten>
  readonly boss: BossSql
  /** pg-boss's view of an open transaction of ours. */
  bossWithin(sql: Sql): BossSql
  close(): Promise<void>
}

const NUL = /\0/g

/** PostgreSQL has no NUL in texts; a stranger's text must not make an insert fail. JSON keeps its NULs, as they are escaped there. */
export function withoutNul(values: readonly unknown[]): unknown[] {
  return values.map((value) =>
    typeof value === 'string' && value.includes('\0') ? value.replace(NUL, '\ufffd') : value,
  )
}
