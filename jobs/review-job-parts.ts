import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Clock, Random } from '../ports/clock.ts'
import type { GithubApp, GithubRepository } from '../ports/github.ts'
import type { CommitSha, JobId } from '../ports/ids.ts'
import type { Log } from '../ports/log.ts'
import type { Engines } from '../ports/model.ts'
import type { FactStore, ReviewStore } from '../ports/store.ts'
import type { ReviewResult } from '../review/result.ts'

/** What jobs about a pull request's change need of the outside. */
export interface ReviewJobParts {
  readonly github: Pick<GithubApp, 'repository' | 'identity'>
  /** Null when no engine is configured: reviews then run without a model and say so. */
  readonly engines: Engines | null
  readonly reviews: ReviewStore
  readonly facts: FactStore
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The policy in force for a base commit: the file there, or the last good one. */
  readonly policyAt: (repository: GithubRepository, baseSha: CommitSha) => Promise<ResolvedConfig>
  /** The dashboard page of a job; null without a server that people can reach. */
  readonly detailsUrl: (jobId: JobId) => string | null
  /** Told what is shown, for a caller in this process. */
  readonly onResult?: (result: ReviewResult) => void
}
