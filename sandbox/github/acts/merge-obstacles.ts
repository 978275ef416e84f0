import { hasRole } from '../state/permissions.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { BranchRule, Repository } from '../state/repository.ts'
import type { World } from '../world.ts'

/** The rules that hold for a branch. */
export function rulesOf(repository: Repository, branch: string): BranchRule[] {
  return repository.rules.filter(
    ({ pattern }) => pattern === branch || (pattern.endsWith('/**') && branch.startsWith(pattern.slice(0, -2))),
  )
}

/** What the rules of the base branch still miss, in GitHub's words; empty when it may be merged. */
export function mergeObstacles(world: World, repository: Repository, pullRequest: PullRequest): string[] {
  return rulesOf(repository, pullRequest.baseRef).flatMap((rule) => [
    ...missingChecks(repository, rule, pullRequest.headSha),
    ...missingApprovals(world, repository, { rule, pullRequest }),
  ])
}

/** The required checks that have not succeeded on a commit. */
export function missingChecks(repository: Repository, rule: BranchRule, sha: string): string[] {
  return rule.requiredChecks.flatMap((name) => {
    const outcome = checkOutcome(repository, name, sha)
    if (outcome === 'passed') return []
    return [
      outcome === 'failed'
        ? `Required status check "${name}" is failing.`
        : `Required status check "${name}" is expected.`,
    ]
  })
}

export function checkOutcome(repository: Repository, name: string, sha: string): 'passed' | 'failed' | 'expected' {
  const run = [...repository.runs.values()].findLast(
    (candidate) => candidate.headSha === sha && candidate.name === name,
  )
  if (run !== undefined) {
    if (run.status !== 'completed' || run.conclusion === null) return 'expected'
    return ['success', 'neutral', 'skipped'].includes(run.conclusion) ? 'passed' : 'failed'
  }
  const status = repository.statuses.findLast((candidate) => candidate.sha === sha && candidate.context === name)
  if (status === undefined || status.state === 'pending') return 'expected'
  return status.state === 'success' ? 'passed' : 'failed'
}

// Only reviews of people who may write count, and of each person only the last that takes a stand.
function missingApprovals(
  world: World,
  repository: Repository,
  subject: { rule: BranchRule; pullRequest: PullRequest },
): string[] {
  const { rule, pullRequest } = subject
  if (rule.requiredApprovals === 0) return []
  const stands = new Map<string, string>()
  for (const review of repository.reviews.values()) {
    if (review.pullRequestNumber !== pullRequest.number || !hasRole(world, repository, review.authorLogin, 'write'))
      continue
    if (review.state === 'DISMISSED') stands.delete(review.authorLogin)
    if (review.state === 'CHANGES_REQUESTED') stands.set(review.authorLogin, review.state)
    const isStale = rule.dismissStaleReviews && review.commitId !== pullRequest.headSha
    if (review.state === 'APPROVED' && !isStale) stands.set(review.authorLogin, review.state)
  }
  if ([...stands.values()].includes('CHANGES_REQUESTED')) return ['Changes have been requested.']
  return stands.size >= rule.requiredApprovals
    ? []
    : [
        `At least ${rule.requiredApprovals} approving review${rule.requiredApprovals === 1 ? ' is' : 's are'} required by reviewers with write access.`,
      ]
}
