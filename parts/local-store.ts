import { join } from 'node:path'
import { openStore } from '../adapters/postgres/open-store.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { createSystemLog } from '../adapters/system/system-log.ts'
import { createSystemRandom } from '../adapters/system/system-random.ts'
import type { Environment } from '../config/environment.ts'

/** The server's store, for a command that looks into it or writes a little; refused while a server holds an embedded one. */
export async function openLocalStore(environment: Environment) {
  const clock = systemClock
  const random = createSystemRandom()
  const log = createSystemLog({
    level: environment.LOG_LEVEL === 'info' ? 'warn' : environment.LOG_LEVEL,
    format: 'text',
  })
  const { store, close } = await openStore({
    databaseUrl: environment.DATABASE_URL?.reveal(),
    dataDir: join(environment.DEVLOOP_DATA, 'pg'),
    clock,
    random,
    log,
  })
  return { store, clock, random, log, close }
}
