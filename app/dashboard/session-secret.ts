import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Clock, Random } from '../../ports/clock.ts'
import type { FactStore } from '../../ports/store.ts'

const FACT_KEY = 'dashboard/session-secret'
const stored = z.string().regex(/^[0-9a-f]{64}$/u)
/** One that was deleted in the store, to end all sessions, is made anew after this long. */
const KEEP_MS = 60_000

/** The secret that signs sessions: made of a value that the replicas share in the store, and of one that is not in it. */
export function createSessionSecret(world: {
  readonly facts: FactStore
  readonly clock: Clock
  readonly random: Random
  /** A secret of the environment: whoever can only read the store can sign nothing. */
  readonly pepper: string
}): () => Promise<string> {
  let known: { readonly until: number; readonly secret: Promise<string> } | undefined
  return () => {
    const now = world.clock.now()
    if (known === undefined || known.until <= now) {
      const secret = readOrMake().then((kept) => createHmac('sha256', world.pepper).update(kept).digest('hex'))
      known = { until: now + KEEP_MS, secret }
      secret.catch(() => {
        known = undefined
      })
    }
    return known.secret
  }

  async function readOrMake(): Promise<string> {
    const known = await world.facts.get(FACT_KEY)
    const first = stored.safeParse(known)
    if (first.success) return first.data
    // Of replicas that make one in the same moment, the first to write it wins, and all read that.
    await world.facts.swap(FACT_KEY, known, world.random.hex(32))
    return stored.parse(await world.facts.get(FACT_KEY))
  }
}
