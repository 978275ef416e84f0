import type { Clock, Random } from '../../ports/clock.ts'
import { jobId } from '../../ports/ids.ts'
import type { Log } from '../../ports/log.ts'
import type { MicroUsd } from '../../ports/money.ts'
import { usdFromMicroUsd } from '../../ports/money.ts'
import type { ApiKeyRow, EndedJob, Store } from '../../ports/store.ts'
import type { EngineUse } from './engine-share.ts'
import type { TokenUsage } from './gateway/engine-end.ts'

const FLUSH_MS = 200
/** Written in one statement, which on an embedded database keeps everything else waiting for its milliseconds. */
const BATCH = 50
/** A server that stops has some seconds for everything. */
const DRAIN_MS = 3_000
/** Beyond this many unwritten entries the oldest are dropped and counted in the log: a log must never stop the gateway. */
const MOST_WAITING = 5_000

export interface UsageEntry {
  readonly key: ApiKeyRow
  readonly model: string
  readonly path: string
  readonly queuedAt: number
  readonly use: EngineUse
  readonly usage: TokenUsage
  readonly ok: boolean
}

interface WrittenEntry {
  readonly id: string
  readonly user: string
  readonly model: string
  readonly path: string
  readonly queuedAt: number
  readonly readyAt: number
  readonly endedAt: number
  readonly usage: TokenUsage
  readonly costMicroUsd: MicroUsd
  readonly ok: boolean
}

/** Writes what the gateway's calls used as ended jobs, behind the answers and many at once, so that every call is in the one log. */
export function createUsageLog(world: {
  readonly store: Pick<Store, 'jobs'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}) {
  const { store, clock, log } = world
  let waiting: WrittenEntry[] = []
  let flushing: Promise<void> | undefined
  let hurry: (() => void) | undefined

  async function flush(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    hurry = resolve
    if (waiting.length < BATCH) await Promise.race([clock.sleep(FLUSH_MS), promise])
    const batch = waiting.splice(0, BATCH)
    try {
      await store.jobs.addEnded(batch.map(jobOf))
    } catch (error) {
      const facts = { error: error instanceof Error ? error.message : String(error), calls: batch.length }
      log.warn(facts, 'Calls of the gateway were not written to the log.')
    }
    flushing = waiting.length > 0 ? flush() : undefined
  }

  return {
    record(entry: UsageEntry): string {
      const endedAt = world.clock.now()
      const costMicroUsd = entry.use.costSoFar()
      const id = world.random.ulid(endedAt)
      waiting.push({
        id,
        user: `key:${entry.key.name}`,
        model: entry.model,
        path: entry.path,
        queuedAt: entry.queuedAt,
        readyAt: entry.use.readyAt,
        endedAt,
        usage: entry.usage,
        costMicroUsd,
        ok: entry.ok,
      })
      if (waiting.length > MOST_WAITING) {
        waiting.shift()
        log.warn({ waiting: MOST_WAITING }, 'The usage log is behind; its oldest entry was dropped.')
      }
      flushing ??= flush()
      return id
    },
    /** Waits until everything recorded so far is written, though not for ever. */
    async drain(): Promise<void> {
      const end = clock.now() + DRAIN_MS
      while (flushing && clock.now() < end) {
        hurry?.()
        await flushing
      }
      if (waiting.length === 0) return
      log.warn({ calls: waiting.length }, 'The server stops before all calls of the gateway were written to the log.')
      waiting = []
    },
  }
}

export type UsageLog = ReturnType<typeof createUsageLog>

/** As the job that it was; nobody will run it again. */
function jobOf(entry: WrittenEntry): EndedJob {
  return {
    id: jobId.parse(entry.id),
    kind: 'infer',
    key: `gateway:${entry.id}`,
    repository: null,
    installationId: null,
    pullRequest: null,
    headSha: null,
    requestedBy: entry.user,
    request: { model: entry.model, path: entry.path },
    createdAt: entry.queuedAt,
    deadlineAt: entry.endedAt,
    state: entry.ok ? 'done' : 'failed',
    startedAt: entry.readyAt,
    endedAt: entry.endedAt,
    outcome: entry.ok ? 'answered' : 'failed',
    costMicroUsd: entry.costMicroUsd,
    result: {
      model: entry.model,
      usage: { promptTokens: entry.usage.promptTokens, completionTokens: entry.usage.completionTokens },
      timing: { queueMs: entry.readyAt - entry.queuedAt, inferMs: entry.endedAt - entry.readyAt },
      cost: { usd: usdFromMicroUsd(entry.costMicroUsd) },
    },
  }
}
