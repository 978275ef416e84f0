import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../ports/log.ts'
import { startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { systemClock } from '../system/system-clock.ts'
import { openStore } from './open-store.ts'

test('replicas that meet an empty database at the same moment all come up', async () => {
  const postgres = await startPostgres()
  // Absent where the machine has no PostgreSQL.
  if (postgres === null) return
  try {
    const order = { databaseUrl: postgres.url(), dataDir: tmpdir(), clock: systemClock, log: silentLog }
    const opening = [1, 2, 3, 4].map((seed) => openStore({ ...order, random: createSeededRandom(seed) }))
    const opened = await Promise.allSettled(opening)
    expect(opened.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'])
    await Promise.all(opened.map((one) => (one.status === 'fulfilled' ? one.value.close(0) : undefined)))
  } finally {
    await postgres.stop()
  }
}, 60_000)
