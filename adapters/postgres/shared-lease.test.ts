import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { silentLog } from '../../ports/log.ts'
import { NO_POSTGRES, startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { migrate } from './migrate.ts'
import { createPgDatabase } from './pg-database.ts'
import { createSqlStore } from './sql-store.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}

test('replicas whose clocks are minutes apart agree on who holds a lease', async (context) => {
  const server = await startPostgres()
  if (server === null) return context.skip(NO_POSTGRES)
  const database = createPgDatabase({ databaseUrl: server.url(), clock, log: silentLog })
  await migrate(database)
  const store = await createSqlStore(database, { clock, log: silentLog, isShared: true })
  try {
    const { leases } = store
    const now = Date.now()
    const ahead = await leases.acquire('sweep', 'ahead', 60_000, now + 600_000)
    expect(Math.abs((ahead?.expiresAt ?? 0) - (now + 660_000))).toBeLessThan(5_000)
    expect(await leases.acquire('sweep', 'behind', 60_000, now - 600_000)).toBeUndefined()
    expect(await leases.acquire('sweep', 'far ahead', 60_000, now + 6_000_000)).toBeUndefined()
    await leases.release('sweep', 'ahead')
    expect(await leases.acquire('sweep', 'behind', 60_000, now - 600_000)).toMatchObject({ fence: 2 })
  } finally {
    await store.close()
    await database.close()
    await server.stop()
  }
})
