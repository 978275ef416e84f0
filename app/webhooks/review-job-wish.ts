import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { isCodedError } from '../../ports/errors.ts'
import type { PullRequestView } from '../../ports/github.ts'
import type { JobId } from '../../ports/ids.ts'
import type { Json } from '../../ports/store.ts'
import type { DispatchParts } from './dispatch.ts'
import type { EventRepository } from './intent.ts'

const DAY_MS = 86_400_000
const JOB_DEADLINE_MS = 3_600_000

export interface ReviewWish {
  readonly id: JobId
  readonly repository: EventRepository
  readonly pullRequest: PullRequestView
  readonly config: ResolvedConfig
  readonly requestedBy: string
  readonly request: Json
}

/** Makes a review job that no comment asked for: nobody waits for a sentence, so a limit that is reached is only logged. */
export async function createReviewJob(parts: DispatchParts, wish: ReviewWish): Promise<void> {
  const { repository, pullRequest, config, requestedBy } = wish
  const now = parts.clock.now()
  const job = {
    id: wish.id,
    kind: 'review',
    key: `review:${repository.name}#${pullRequest.number}`,
    repository: repository.name,
    installationId: repository.installationId,
    pullRequest: pullRequest.number,
    headSha: pullRequest.headSha,
    requestedBy,
    request: wish.request,
    createdAt: now,
    deadlineAt: now + JOB_DEADLINE_MS,
  } as const
  const limits = {
    perUserPerDay: config.budget.perUserJobsPerDay,
    since: now - (now % DAY_MS),
    perUserConcurrent: config.budget.perUserConcurrent,
    perRepository: null,
    global: null,
  }
  try {
    await parts.createJob(job, limits)
  } catch (error) {
    if (!isCodedError(error) || (error.code !== 'conflict' && error.code !== 'limit-reached')) throw error
    const facts = { repository: repository.name, number: pullRequest.number, code: error.code }
    parts.log.info(facts, 'a review was not started')
  }
}
