import type { GithubApp } from '../../ports/github.ts'
import type { Clock, Random } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Queue } from '../../ports/queue.ts'
import type { JobLimits, NewJob, Store } from '../../ports/store.ts'

/** What commands reach for. */
export interface CommandParts {
  readonly github: Pick<GithubApp, 'repository' | 'identity'>
  readonly store: Store
  readonly queue: Queue
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Stores a job and wakes its worker. Throws `conflict` when it exists, `limit-reached` when it is one too many. */
  readonly createJob: (job: NewJob, limits: JobLimits) => Promise<void>
  /** Gives GPUs back that have no work; answers one sentence for the person. */
  readonly releaseIdlePods: () => Promise<string>
  /** Where a job can be watched. */
  readonly jobUrl: (id: string) => string | null
}
