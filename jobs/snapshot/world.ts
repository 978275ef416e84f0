import type { Clock } from '../../ports/clock.ts'
import type { CheckView, GithubRepository } from '../../ports/github.ts'
import type { FactStore, GovernanceStore, ReviewStore } from '../../ports/store.ts'
import type { PlanCache } from './plan-sides.ts'

/** What a snapshot from GitHub's API is built with. */
export interface GithubWorld {
  readonly github: GithubRepository
  readonly world: 'github' | 'action'
  readonly clock: Clock
  /** `devloop[bot]`; null where no App asks. */
  readonly appLogin: string | null
  readonly isOwnCheck: (check: CheckView) => boolean
  readonly cache: PlanCache
  /** What only a server remembers; null in the Action, whose snapshots leave those parts out. */
  readonly memory: {
    readonly facts: FactStore
    readonly reviews: ReviewStore
    readonly governance: GovernanceStore
  } | null
  /** True: ask for everything, also for what events would have told. */
  readonly trustNothing?: boolean
}
