import type { Clock, Random } from '../ports/clock.ts'
import type { GithubApp } from '../ports/github.ts'
import type { Log } from '../ports/log.ts'
import type { Queue } from '../ports/queue.ts'
import type { Store } from '../ports/store.ts'
import type { PlanCache } from './snapshot/plan-sides.ts'

/** What governance needs of the outside. */
export interface GovernanceParts {
  readonly github: Pick<GithubApp, 'repository' | 'identity'>
  readonly store: Store
  readonly queue: Queue
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly cache: PlanCache
  /** The page that explains a verdict; null without a server that people can reach. */
  readonly verdictUrl: (verdictId: string) => string | null
}
