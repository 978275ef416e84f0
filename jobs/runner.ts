import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Queue, QueueName } from '../ports/queue.ts'
import type { JobKind, JobLimits, NewJob, Store } from '../ports/store.ts'
import type { JobDefinition } from './definition.ts'
import { queueOf } from './queue-of.ts'
import { buryJob, runJob } from './run-job.ts'
import { createRunningJobs } from './running-jobs.ts'

export interface JobRunnerParts {
  readonly store: Store
  readonly queue: Queue
  readonly clock: Clock
  readonly log: Log
}

/** How many jobs of a queue run side by side in this process. */
export type Concurrency = Partial<Record<QueueName, number>>

export interface JobRunner {
  /**
   * Stores a job and sends it to its worker, both or neither. Throws `StoreError`: `conflict` when the id exists ("already made"),
   * `limit-reached` when it would be one too many.
   */
  createJob(job: NewJob, limits?: JobLimits): Promise<void>
  /** Makes a kind of job known; before `start`. */
  define<Request>(definition: JobDefinition<Request>): void
  /** Begins to work, and sends again what a process before left open. */
  start(concurrency?: Concurrency): Promise<void>
  /** Sends jobs that are not ended and whose message is nowhere; safe at any time. */
  resumeOpenJobs(): Promise<void>
  /** Stops looking after running jobs; the queue is stopped before, by its owner. */
  close(): void
}

const RETRY_LIMIT = 3
/** A job's own deadline comes first; this ends one that has none worth the name. */
const EXPIRE_MS = 4 * 3_600_000
const MOST_OPEN = 100_000
const DEFAULT_CONCURRENCY = 4

export function createJobRunner({ store, queue, clock, log }: JobRunnerParts): JobRunner {
  const definitions = new Map<JobKind, JobDefinition<unknown>>()
  const running = createRunningJobs(store, log)
  const parts = { store, queue, clock, log, running, definitionOf: (kind: JobKind) => definitions.get(kind) }

  async function resumeOpenJobs(): Promise<void> {
    const listOpen = () => store.jobs.listOpen(MOST_OPEN)
    const open = (await listOpen()).filter((job) => definitions.has(job.kind))
    for (const [name, jobs] of Map.groupBy(open, ({ kind }) => queueOf(kind))) {
      await queue.sendMissing(
        name,
        jobs.map(({ id, key }) => ({ subject: id, key })),
        async () => new Set((await listOpen()).map(({ id }) => id)),
      )
    }
    if (open.length > 0) log.info({ jobs: open.length }, 'Jobs of a process before are taken up again.')
  }

  return {
    async createJob(job, limits) {
      await store.transaction(async (transaction) => {
        await store.jobs.create(job, transaction, limits)
        await queue.send(queueOf(job.kind), { subject: job.id, key: job.key }, { transaction })
      })
      await store.notify('jobs')
    },
    define(definition) {
      definitions.set(definition.kind, definition as JobDefinition<unknown>)
    },
    async start(concurrency = {}) {
      await resumeOpenJobs()
      for (const name of new Set([...definitions.keys()].map(queueOf))) {
        await queue.work(name, {
          run: ({ subject }, signal) => runJob(parts, subject, signal),
          onDead: ({ subject }, error) => buryJob(parts, subject, error),
          concurrency: concurrency[name] ?? DEFAULT_CONCURRENCY,
          retryLimit: RETRY_LIMIT,
          expireMs: EXPIRE_MS,
        })
      }
    },
    resumeOpenJobs,
    close: running.close,
  }
}
