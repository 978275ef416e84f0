import { createSystemRandom } from '../../../adapters/system/system-random.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { openStore } from '../../../adapters/postgres/open-store.ts'
import { createSystemLog } from '../../../adapters/system/system-log.ts'
import type { Cluster } from './cluster.ts'

const LONGER_THAN_THE_GRACE_MS = 3 * 60_000

/**
 * Asks the replicas for the round that they make every ten minutes by themselves. What failed is dated back, since the round leaves alone
 * what is younger than two minutes.
 */
export async function sweepNow({ world, databaseUrl }: Cluster): Promise<void> {
  await world.github.webhooksSettled()
  for (const delivery of world.github.deliveries) {
    if (delivery.statusCode >= 200 && delivery.statusCode < 300) continue
    const deliveredAt = new Date(Date.now() - LONGER_THAN_THE_GRACE_MS).toISOString()
    Object.assign(delivery, { deliveredAt })
  }
  const { queue, close } = await openStore({
    databaseUrl,
    dataDir: world.folder,
    clock: systemClock,
    random: createSystemRandom(),
    log: createSystemLog({ level: 'silent' }),
  })
  try {
    await queue.send('upkeep', { subject: 'reconcile', key: 'reconcile' }, { coalesce: true })
  } finally {
    await close()
  }
}
