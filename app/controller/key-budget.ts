import { z } from 'zod'
import type { Clock, Random } from '../../ports/clock.ts'
import { type MicroUsd, microUsd } from '../../ports/money.ts'
import type { ApiKeyRow, FactStore, JobStore } from '../../ports/store.ts'
import { RequestRefused } from './problem.ts'

const PREFIX = 'key-budget/'
/** What a replica that died had set aside is free again after this long. */
const HELD_MS = 3_600_000
/** Until then the log has what a call cost; counted twice is better than not at all. */
const LOGGED_MS = 10_000
/** How long a call waits for others of its key to end. */
const PATIENCE_MS = 30_000
const LOOK_MS = 200
/** Two that write at once pick other moments to try again. */
const CLASH_MS = 20

const entries = z.array(
  z.object({
    id: z.string(),
    microUsd: z.number(),
    at: z.number(),
    until: z.number(),
    /** A job's cost is known when the job has ended, whoever runs it. */
    isJob: z.boolean(),
  }),
)
type Entry = z.infer<typeof entries>[number]

export interface SetAside {
  /** The most that the call may cost. */
  readonly microUsd: MicroUsd
  /** The call is over and cost this. Never throws. */
  end(cost: MicroUsd): Promise<void>
}

/** The monthly budget of each API key, over all replicas and all calls that run at the same time. */
export interface KeyBudget {
  /** Sets `wanted` aside, or what is left of the key's month. Throws `RequestRefused`: 402 when nothing is, 429 while others hold the rest. */
  setAside(key: ApiKeyRow, wanted: MicroUsd, isJob?: boolean): Promise<SetAside>
}

export function createKeyBudget(world: {
  readonly facts: FactStore
  readonly jobs: Pick<JobStore, 'countByUser'>
  readonly clock: Clock
  readonly random: Random
  readonly startOfMonth: (now: number) => number
}): KeyBudget {
  const { facts, jobs, clock, random } = world

  /** Undefined where nothing is left while others hold it. */
  async function tryOnce(
    key: ApiKeyRow,
    limit: MicroUsd,
    wanted: MicroUsd,
    isJob: boolean,
  ): Promise<Entry | undefined> {
    for (;;) {
      const now = clock.now()
      const name = PREFIX + key.id
      // Before the log is read: what has left this list meanwhile stands there.
      const stored = await facts.get(name)
      const { costMicroUsd, open } = await jobs.countByUser(`key:${key.name}`, world.startOfMonth(now))
      if (costMicroUsd >= limit) throw spent(key)
      const held = (entries.safeParse(stored).data ?? []).filter(
        (entry) => entry.until > now && !(entry.isJob && open === 0 && now - entry.at > LOGGED_MS),
      )
      const free = limit - costMicroUsd - held.reduce((sum, entry) => sum + entry.microUsd, 0)
      if (free <= 0) return undefined
      const mine = { id: random.hex(8), microUsd: Math.min(wanted, free), at: now, until: now + HELD_MS, isJob }
      if (await facts.swap(name, stored, [...held, mine])) return mine
      await clock.sleep(1 + Math.floor(random.fraction() * CLASH_MS))
    }
  }

  async function end(key: ApiKeyRow, mine: Entry, cost: MicroUsd): Promise<void> {
    for (;;) {
      const name = PREFIX + key.id
      const stored = await facts.get(name)
      const held = entries.safeParse(stored).data ?? []
      const ended = { ...mine, microUsd: cost, until: clock.now() + LOGGED_MS }
      const rest = held.map((entry) => (entry.id === mine.id ? ended : entry))
      if (await facts.swap(name, stored, rest)) return
      await clock.sleep(1 + Math.floor(random.fraction() * CLASH_MS))
    }
  }

  return {
    async setAside(key, wanted, isJob = false) {
      const limit = key.monthlyMicroUsd
      if (limit === null) return { microUsd: wanted, end: async () => {} }
      const giveUpAt = clock.now() + PATIENCE_MS
      for (;;) {
        const mine = await tryOnce(key, limit, wanted, isJob)
        // What could not be ended is free again by itself.
        if (mine !== undefined)
          return { microUsd: microUsd(mine.microUsd), end: (cost) => end(key, mine, cost).catch(() => {}) }
        if (clock.now() >= giveUpAt) throw busy(key)
        await clock.sleep(LOOK_MS)
      }
    },
  }
}

function spent(key: ApiKeyRow): RequestRefused {
  return new RequestRefused(
    402,
    'budget-reached',
    `The key "${key.name}" has spent its budget of this month.`,
    'Raise its budget, or wait for the next month.',
  )
}

function busy(key: ApiKeyRow): RequestRefused {
  return new RequestRefused(
    429,
    'budget-in-use',
    `Other calls of the key "${key.name}" may cost all that is left of its budget of this month.`,
    'Ask again when one of them has ended, or let each cost less (maxCostUsd).',
    5,
  )
}
