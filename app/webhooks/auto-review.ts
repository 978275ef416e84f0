import { authorize } from '../commands/authorize.ts'
import { jobIdOf } from '../commands/job-id.ts'
import { factKeys } from '../../jobs/snapshot/fact-keys.ts'
import { readPolicyInForce, storedPolicies } from '../../jobs/snapshot/policy-in-force.ts'
import { isCodedError } from '../../ports/errors.ts'
import type { DispatchParts } from './dispatch.ts'
import type { Intent } from './intent.ts'

const DAY_MS = 86_400_000
const JOB_DEADLINE_MS = 3_600_000

type AutoReview = Extract<Intent, { kind: 'auto-review' }>

/** Starts the review that the policy asks for on its own, if whoever caused the event may spend. Silent otherwise. */
export async function startAutoReview(parts: DispatchParts, intent: AutoReview): Promise<void> {
  const { store, clock, log } = parts
  const { repository, number, sender } = intent
  const known = await storedPolicies(store.facts, repository.name)
  if (known.length > 0 && !known.some(({ review }) => review.auto)) return
  if ((await store.facts.get(factKeys.paused(repository.name, number))) !== undefined) return

  const github = parts.github.repository({ installationId: repository.installationId, name: repository.name })
  const pullRequest = await github.pullRequests.get(number)
  // A later event will ask for the later head.
  if (pullRequest.headSha !== intent.headSha || pullRequest.state === 'closed' || pullRequest.draft) return
  const { config } = await readPolicyInForce(github, store.facts, {
    ref: pullRequest.baseRef,
    branch: pullRequest.baseRef,
  })
  if (!config.review.auto) return
  const authorization = await authorize('review', sender, github.access, config.access)
  if (!authorization.allowed) {
    log.info(
      { repository: repository.name, number, sender: sender.login },
      'no automatic review: the sender may not spend',
    )
    return
  }
  const now = clock.now()
  const headSha = pullRequest.headSha
  const job = {
    id: jobIdOf(`${repository.name}#${number} auto ${headSha}`, Date.parse(pullRequest.createdAt)),
    kind: 'review',
    key: `review:${repository.name}#${number}`,
    repository: repository.name,
    installationId: repository.installationId,
    pullRequest: number,
    headSha,
    requestedBy: sender.login,
    request: { trigger: 'auto', boundTo: headSha },
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
    log.info({ repository: repository.name, number, code: error.code }, 'no automatic review')
  }
}
