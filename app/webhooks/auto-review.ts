import { authorize } from '../commands/authorize.ts'
import { jobIdOf } from '../commands/job-id.ts'
import { factKeys } from '../../jobs/snapshot/fact-keys.ts'
import { readPolicyInForce, storedPolicies } from '../../jobs/snapshot/policy-in-force.ts'
import { createReviewJob } from './review-job-wish.ts'
import type { DispatchParts } from './dispatch.ts'
import type { Intent } from './intent.ts'

type AutoReview = Extract<Intent, { kind: 'auto-review' }>

/** Starts the review that the policy asks for on its own, if whoever caused the event may spend. Silent otherwise. */
export async function startAutoReview(parts: DispatchParts, intent: AutoReview): Promise<void> {
  const { store, log } = parts
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
  await createReviewJob(parts, {
    pullRequest,
    repository,
    config,
    requestedBy: sender.login,
    request: { trigger: 'auto', boundTo: pullRequest.headSha },
    id: jobIdOf(`${repository.name}#${number} auto ${pullRequest.headSha}`, Date.parse(pullRequest.createdAt)),
  })
}
