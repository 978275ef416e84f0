import type { PolicyProblem } from '../config/parse-policy-file.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Snapshot } from '../governance/snapshot.ts'
import { problemsOf } from '../jobs/snapshot/policy-problems.ts'
import { buildGithubSnapshot } from '../jobs/snapshot/github-snapshot.ts'
import { buildGroupSnapshot } from '../jobs/snapshot/group-snapshot.ts'
import { createPlanCache } from '../jobs/snapshot/plan-sides.ts'
import { readPolicyInForce } from '../jobs/snapshot/policy-in-force.ts'
import { readsOf } from '../jobs/snapshot/reads.ts'
import type { GithubWorld } from '../jobs/snapshot/world.ts'
import { openFacts } from '../parts/facts.ts'
import type { Clock } from '../ports/clock.ts'
import type { CheckView, GithubRepository } from '../ports/github.ts'
import { commitSha } from '../ports/ids.ts'
import type { WorkflowEvent } from './event.ts'

/** What is judged, and by which policy. */
export interface GovernedChange {
  readonly headSha: string
  readonly snapshot: Snapshot
  readonly config: ResolvedConfig
  /** Not empty: devloop.yml itself is what fails. */
  readonly problems: readonly PolicyProblem[]
}

export type GovernedEvent = Extract<WorkflowEvent, { readonly kind: 'pull-request' | 'merge-group' }>

/** The snapshot from GitHub's API: all that the App sees, except what only a server remembers. Throws `GithubError`. */
export async function governanceFromApi(
  github: GithubRepository,
  event: GovernedEvent,
  run: { readonly clock: Clock; readonly isOwnCheck: (check: CheckView) => boolean },
): Promise<GovernedChange> {
  const facts = openFacts()
  const world: GithubWorld = {
    github,
    world: 'action',
    clock: run.clock,
    appLogin: null,
    isOwnCheck: run.isOwnCheck,
    cache: createPlanCache(),
    memory: null,
  }
  if (event.kind === 'merge-group') {
    const group = { ...event, headSha: commitSha.parse(event.headSha), baseSha: commitSha.parse(event.baseSha) }
    const policy = await readPolicyInForce(github, facts, { ref: group.baseSha, branch: group.baseRef })
    const snapshot = await buildGroupSnapshot(world, policy.config, group)
    return { headSha: group.headSha, snapshot, ...policy }
  }
  const pullRequest = await github.pullRequests.get(event.pullRequest.number)
  const compared = await github.contents.compare(pullRequest.baseRef, pullRequest.headSha)
  const policy = await readPolicyInForce(github, facts, { ref: compared.baseSha, branch: pullRequest.baseRef })
  const open = readsOf(policy.config).has('open') ? await github.pullRequests.listOpen() : undefined
  const snapshot = await buildGithubSnapshot(world, policy.config, pullRequest, compared, open)
  return { headSha: pullRequest.headSha, snapshot, config: policy.config, problems: problemsOf(policy, snapshot) }
}

/**
 * This job's own check run, and those of jobs of this very run that have not ended: they cannot be waited for from inside. What has
 * ended counts.
 */
export function isCheckOfThisRun(runId: string | undefined): (check: CheckView) => boolean {
  return ({ name, app, status, detailsUrl }) =>
    name === 'devloop/governance' ||
    (runId !== undefined &&
      app === 'github-actions' &&
      status !== 'completed' &&
      (detailsUrl?.includes(`/actions/runs/${runId}/`) ?? false))
}
