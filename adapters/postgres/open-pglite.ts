import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { StoreError } from '../../ports/errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { exists, moveAside, prepareDirectory } from './data-directory.ts'
import { layDownCluster } from './first-cluster.ts'
import { lockDirectory } from './directory-lock.ts'
import { migrate } from './migrate.ts'
import { createPgliteDatabase } from './pglite-database.ts'
import { type PgliteThread, startPglite } from './start-pglite.ts'
import type { Database } from './sql.ts'
import { codeOf, unwritable } from './store-failure.ts'

/** The major version of PostgreSQL inside of the PGlite that is pinned in package.json. */
const POSTGRES_MAJOR = 18
/** A fresh cluster takes 40 MB, and PostgreSQL stops with a panic when its log finds no room. */
const LEAST_FREE_BYTES = 64 * 1024 * 1024
/** With PostgreSQL's own default PGlite takes 150 MB more memory and is no faster at our size. */
const SETTINGS = ['-c', 'shared_buffers=8MB', '-c', 'max_wal_size=64MB']

/**
 * V8 optimises the hottest functions of a WebAssembly module; PostgreSQL's are so large that this takes 600 MB for a moment, keeps 80 MB,
 * and makes statements a tenth faster.
 */
const LEAN_COMPILER = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']

export interface EmbeddedDatabase {
  readonly database: Database
  /** True when the files could not be opened and an empty database took their place. */
  readonly recovered: boolean
}

export interface OpenPgliteParts {
  readonly clock: Clock
  readonly log: Log
  /** Hears when the thread of the database ended by itself; without it the process ends, so that whoever started it starts it again. */
  readonly onLost?: (error: Error) => void
}

/** The database in `dataDir/pg`, held by this process alone. */
export async function openPglite(dataDir: string, parts: OpenPgliteParts): Promise<EmbeddedDatabase> {
  await prepareDirectory(dataDir, LEAST_FREE_BYTES)
  const lock = lockDirectory(join(dataDir, 'store.lock'), dataDir)
  try {
    const { pglite, recovered } = await openOrRecover(join(dataDir, 'pg'), parts)
    const database = createPgliteDatabase(pglite)
    return {
      recovered,
      database: {
        ...database,
        async close() {
          await database.close().finally(() => lock.release())
        },
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openOrRecover(files: string, parts: OpenPgliteParts) {
  const { clock, log } = parts
  const existed = await exists(files)
  await refuseNewerCluster(files)
  await layDownCluster(files, log)
  try {
    return { pglite: await openFiles(files, parts), recovered: false }
  } catch (error) {
    if (error instanceof StoreError && error.code !== 'unavailable') throw error
    if (!existed) throw unwritable(`The data directory ${files}`, codeOf(error), error)
    const aside = await moveAside(files, clock.now())
    log.error(
      { error, aside },
      'The database files could not be opened; they were moved aside and an empty database was started.',
    )
    await layDownCluster(files, log)
    return { pglite: await openFiles(files, parts), recovered: true }
  }
}

async function openFiles(files: string, { onLost = endProcess }: OpenPgliteParts): Promise<PgliteThread> {
  for (const flag of LEAN_COMPILER) setFlagsFromString(flag)
  const pglite = await startPglite({ files, settings: SETTINGS }, onLost)
  try {
    await migrate(createPgliteDatabase(pglite))
    return pglite
  } catch (error) {
    await pglite.close().catch(() => {})
    throw error
  }
}

function endProcess(error: Error): void {
  setImmediate(() => {
    throw error
  })
}

async function refuseNewerCluster(files: string): Promise<void> {
  const version = await readFile(join(files, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version === undefined || !(Number.parseInt(version, 10) > POSTGRES_MAJOR)) return
  throw new StoreError({
    code: 'newer-schema',
    message: `The database files in ${files} were written by PostgreSQL ${version.trim()}; this DevLoop brings ${POSTGRES_MAJOR}.`,
    remedy: 'Start the newer DevLoop, or point DEVLOOP_DATA to another directory.',
    owner: 'operator',
    facts: { found: version.trim(), known: POSTGRES_MAJOR },
  })
}
