import { ApiError } from '../api-error.ts'
import { findBranchSha } from '../git/branches.ts'
import { getCommit } from '../git/commits.ts'
import { deleteRef, moveRef } from '../git/write-commit.ts'
import { renderSimpleCommit } from '../render/render-commit.ts'
import type { Actor } from '../state/account.ts'
import type { MergeGroup } from '../state/merge-group.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { markMerged } from './close-as-merged.ts'
import { emitPullRequest, note } from './emit-pull-request.ts'
import { issueOf, pullRequestOf } from './find.ts'
import { checkOutcome, mergeObstacles, rulesOf } from './merge-obstacles.ts'
import { writeMerge } from './merge-pull-request.ts'
import { updateRef } from './push.ts'
import { requestSuites } from './suites.ts'

/** Puts a pull request into the merge queue: merged on trial behind those before it, and shown to the checks. */
export async function enqueue(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  actor: Actor,
): Promise<MergeGroup> {
  const { number, baseRef } = pullRequest
  if (issueOf(repository, number).state !== 'open' || pullRequest.draft)
    throw new ApiError(422, 'Pull request is not open for merging')
  const queued = repository.queue.find((group) => group.pullRequestNumber === number)
  if (queued !== undefined) return queued
  // A required check that waits for the group must not keep the pull request out of the queue.
  const obstacles = mergeObstacles(world, repository, pullRequest).filter(
    (sentence) => !sentence.endsWith('is expected.'),
  )
  if (obstacles.length > 0) throw new ApiError(422, obstacles.join(' '))
  const git = world.git(repository)
  const last = repository.queue.findLast((group) => group.baseRef === baseRef)
  const baseSha = last?.headSha ?? (await findBranchSha(git, baseRef))
  const request = { actor, method: 'merge' as const }
  const headSha =
    baseSha === undefined
      ? undefined
      : await writeMerge(world, repository, { pullRequest, request, method: 'merge', base: baseSha })
  if (baseSha === undefined || headSha === undefined) throw new ApiError(422, 'Pull request has conflicts')
  const headRef = `refs/heads/gh-readonly-queue/${baseRef}/pr-${number}-${baseSha}`
  await moveRef(git, headRef, headSha)
  const group = { pullRequestNumber: number, enqueuedBy: actor.account.login, baseRef, baseSha, headRef, headSha }
  repository.queue.push(group)
  note(world, issueOf(repository, number), actor, 'added this to the merge queue')
  await emitPullRequest(world, repository, { pullRequest, action: 'enqueued', actor })
  const branch = headRef.slice('refs/heads/'.length)
  await requestSuites(world, repository, { branch, before: baseSha, after: headSha, actor })
  await emitGroup(world, repository, { group, action: 'checks_requested', actor })
  await advanceQueue(world, repository)
  return group
}

/** Merges the heads of the queues whose required checks have passed; drops those that failed. */
export async function advanceQueue(world: World, repository: Repository): Promise<void> {
  for (const group of [...repository.queue]) {
    const isFirst = repository.queue.find(({ baseRef }) => baseRef === group.baseRef) === group
    if (!isFirst) continue
    const required = rulesOf(repository, group.baseRef).flatMap((rule) => rule.requiredChecks)
    const outcomes = required.map((name) => checkOutcome(repository, name, group.headSha))
    if (outcomes.includes('failed')) await dequeue(world, repository, group.pullRequestNumber, 'CI_FAILURE')
    else if (outcomes.every((outcome) => outcome === 'passed')) await mergeGroup(world, repository, group)
  }
}

/** Takes a pull request out of the queue; the groups behind it stood on its trial merge and are built again. */
export async function dequeue(world: World, repository: Repository, number: number, reason: string): Promise<void> {
  const position = repository.queue.findIndex((group) => group.pullRequestNumber === number)
  const group = repository.queue[position]
  if (group === undefined) return
  const actor = { account: world.account(group.enqueuedBy) }
  const behind = repository.queue.slice(position).filter(({ baseRef }) => baseRef === group.baseRef)
  for (const lost of behind) {
    await removeGroup(world, repository, lost)
    await emitGroup(world, repository, {
      group: lost,
      action: 'destroyed',
      reason: lost === group ? 'dequeued' : 'invalidated',
      actor,
    })
  }
  const pullRequest = pullRequestOf(repository, number)
  note(world, issueOf(repository, number), actor, 'removed this from the merge queue')
  await emitPullRequest(world, repository, { pullRequest, action: 'dequeued', actor, extra: { reason } })
  for (const lost of behind.slice(1)) {
    await enqueue(world, repository, pullRequestOf(repository, lost.pullRequestNumber), {
      account: world.account(lost.enqueuedBy),
    })
  }
}

async function mergeGroup(world: World, repository: Repository, group: MergeGroup): Promise<void> {
  const actor = { account: world.account(group.enqueuedBy) }
  const pullRequest = pullRequestOf(repository, group.pullRequestNumber)
  await removeGroup(world, repository, group)
  await emitGroup(world, repository, { group, action: 'destroyed', reason: 'merged', actor })
  await markMerged(world, repository, { pullRequest, mergeCommitSha: group.headSha, actor })
  await updateRef(world, repository, { ref: `refs/heads/${group.baseRef}`, after: group.headSha, actor })
}

async function removeGroup(world: World, repository: Repository, group: MergeGroup): Promise<void> {
  repository.queue.splice(repository.queue.indexOf(group), 1)
  // The objects stay reachable for the checks that still look at them.
  await moveRef(world.git(repository), `refs/queue/${group.headSha}`, group.headSha)
  await deleteRef(world.git(repository), group.headRef)
}

async function emitGroup(
  world: World,
  repository: Repository,
  event: { group: MergeGroup; action: 'checks_requested' | 'destroyed'; reason?: string; actor: Actor },
): Promise<void> {
  const { group, action, reason, actor } = event
  const commit = await getCommit(world.git(repository), group.headSha)
  emit(world, {
    name: 'merge_group',
    action,
    actor,
    repository,
    payload: {
      merge_group: {
        head_sha: group.headSha,
        head_ref: group.headRef,
        base_sha: group.baseSha,
        base_ref: `refs/heads/${group.baseRef}`,
        head_commit: renderSimpleCommit(commit),
      },
      ...(reason === undefined ? {} : { reason }),
    },
  })
}
