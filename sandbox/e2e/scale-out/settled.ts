import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../__support__/until.ts'
import type { Cluster } from './cluster.ts'
import { isQuiet } from './database-views.ts'

const LIMIT_MS = 180_000
const QUIET_LOOKS = 3
const BETWEEN_MS = 100

/** Resolves when no webhook is on its way, nothing in the inbox is unread, and no message waits or runs. */
export async function settled({ world, database }: Cluster, limitMs = LIMIT_MS): Promise<void> {
  for (let quiet = 0; quiet < QUIET_LOOKS; ) {
    await world.github.webhooksSettled()
    await until('an idle queue', () => isQuiet(database), limitMs)
    await sleep(BETWEEN_MS)
    quiet = (await isQuiet(database)) ? quiet + 1 : 0
  }
}
