import { withEvent } from '../jobs/snapshot/action-snapshot.ts'
import { buildLocalSnapshot } from '../jobs/snapshot/local-snapshot.ts'
import { createPlanCache } from '../jobs/snapshot/plan-sides.ts'
import { problemsOf } from '../jobs/snapshot/policy-problems.ts'
import { withCheckout } from '../parts/checkout.ts'
import type { PullRequestPayload } from './event.ts'
import type { GovernedChange } from './governance-from-api.ts'

/** The snapshot of a checkout and the event file: the Action without a token. Throws `GitError`. */
export async function governanceFromCheckout(
  folder: string,
  pullRequest: PullRequestPayload,
  run: { readonly repository: string; readonly nowMs: number },
): Promise<GovernedChange> {
  const { head, base } = pullRequest
  return withCheckout(folder, async (git) => {
    const change = { base: base.ref, head: head.sha, branch: head.ref }
    const local = await buildLocalSnapshot(git, change, { ...run, cache: createPlanCache() })
    const snapshot = withEvent(local.snapshot, {
      number: pullRequest.number,
      title: pullRequest.title,
      body: pullRequest.body ?? '',
      draft: pullRequest.draft,
      labels: pullRequest.labels.map(({ name }) => name),
      headRef: head.ref,
      headRepository: head.repo?.full_name ?? null,
      baseRef: base.ref,
      author: pullRequest.user,
      assignees: pullRequest.assignees.map(({ login }) => login),
      repository: run.repository,
    })
    return { headSha: head.sha, snapshot, config: local.config, problems: problemsOf(local, snapshot) }
  })
}
