import type { Clock, Random } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Queue } from '../../ports/queue.ts'
import type { Store } from '../../ports/store.ts'
import { createBossQueue } from './boss-queue.ts'
import { followDatabaseClock } from './database-clock.ts'
import { migrate } from './migrate.ts'
import { withoutOutages } from './outage.ts'
import { openingFailure, refuseOldServer } from './pg-opening.ts'
import type { Database } from './sql.ts'
import { createSqlStore } from './sql-store.ts'
import { keepVacuumed } from './vacuum.ts'

export interface OpenStoreOptions {
  /** A PostgreSQL server; without it the store lives in `dataDir`, for this process alone. */
  readonly databaseUrl?: string | undefined
  readonly dataDir: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface OpenedStore {
  readonly store: Store
  readonly queue: Queue
  /** The files were torn and an empty store took their place: sweep pods and rebuild the ledger from the journal. */
  readonly recovered: boolean
  /** For all who use the store: that the database went away, and came back, is told once, not by each of them. */
  readonly log: Log
  /** For all who use the store: the database's time where replicas share it, the machine's where nobody else can. */
  readonly clock: Clock
  /** Stops the queue (what runs is told to end after `graceMs`, 0 by default), then closes the database. */
  close(graceMs?: number): Promise<void>
}

/** Opens, migrates and starts; throws `StoreError` with one sentence when it cannot. */
export async function openStore(options: OpenStoreOptions): Promise<OpenedStore> {
  const { database, recovered } = await openDatabase(options)
  const log = withoutOutages(options.log)
  let stopClock = () => {}
  try {
    const followed =
      database.kind === 'pglite'
        ? { clock: options.clock, stop: stopClock }
        : await followDatabaseClock(database, options.clock, log)
    stopClock = followed.stop
    const { clock } = followed
    const store = await createSqlStore(database, { clock, log, isShared: database.kind !== 'pglite' })
    const queue = await createBossQueue(database, { clock, log })
    const stopVacuum = database.kind === 'pglite' ? keepVacuumed(database, clock, log) : undefined
    return {
      store,
      queue,
      recovered,
      log,
      clock,
      async close(graceMs = 0) {
        stopVacuum?.()
        stopClock()
        await queue.stop(graceMs)
        await store.close()
        await database.close()
      },
    }
  } catch (error) {
    stopClock()
    await database.close().catch(() => {})
    throw error
  }
}

async function openDatabase(options: OpenStoreOptions): Promise<{ database: Database; recovered: boolean }> {
  if (options.databaseUrl === undefined || options.databaseUrl === '') {
    const { openPglite } = await import('./open-pglite.ts')
    return openPglite(options.dataDir, options)
  }
  const { databaseUrl } = options
  // Only one of the two is ever needed, and each is megabytes of code.
  const { createPgDatabase } = await import('./pg-database.ts')
  let database: Database | undefined
  try {
    database = createPgDatabase({ ...options, databaseUrl })
    await refuseOldServer(database)
    await migrate(database)
    return { database, recovered: false }
  } catch (error) {
    await database?.close().catch(() => {})
    throw openingFailure(databaseUrl, error)
  }
}
