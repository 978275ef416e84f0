import { findMergeBase } from '../git/commits.ts'
import type { Actor } from '../state/account.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { closingIssues } from './closing-issues.ts'
import { emitPullRequest, note } from './emit-pull-request.ts'
import { issueOf } from './find.ts'
import { updateIssue } from './issues.ts'

/** When the head has reached the base by a push, GitHub shows the pull request as merged. */
export async function closeAsMerged(
  world: World,
  repository: Repository,
  change: { pullRequest: PullRequest; after: string; actor: Actor },
): Promise<void> {
  const { pullRequest, after, actor } = change
  if (pullRequest.mergedAt !== null || pullRequest.headSha === pullRequest.baseSha) return
  if ((await findMergeBase(world.git(repository), pullRequest.headSha, after)) !== pullRequest.headSha) return
  await markMerged(world, repository, { pullRequest, mergeCommitSha: after, actor })
}

export async function markMerged(
  world: World,
  repository: Repository,
  merge: { pullRequest: PullRequest; mergeCommitSha: string; actor: Actor },
): Promise<void> {
  const { pullRequest, mergeCommitSha, actor } = merge
  const issue = issueOf(repository, pullRequest.number)
  pullRequest.mergedAt = world.now()
  pullRequest.mergedBy = actor.account.login
  pullRequest.mergeCommitSha = mergeCommitSha
  issue.state = 'closed'
  issue.closedAt = world.now()
  issue.closedBy = actor.account.login
  note(
    world,
    issue,
    actor,
    `merged ${pullRequest.headSha.slice(0, 7)} as ${mergeCommitSha.slice(0, 7)} into ${pullRequest.baseRef}`,
  )
  await emitPullRequest(world, repository, { pullRequest, action: 'closed', actor })
  for (const closed of closingIssues(repository, pullRequest))
    updateIssue(world, repository, closed, { state: 'closed', actor })
}
