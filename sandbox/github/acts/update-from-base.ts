import { ApiError } from '../api-error.ts'
import { findBranchSha } from '../git/branches.ts'
import { fetchCommit, mergeTrees } from '../git/merge.ts'
import { writeCommit } from '../git/write-commit.ts'
import type { Actor } from '../state/account.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { updateRef } from './push.ts'
import { signatureOf } from './repositories.ts'

/** Merges the base into the head, as the button "Update branch" does. */
export async function updateFromBase(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  actor: Actor,
): Promise<void> {
  const { headRepositoryId, headSha, headRef, baseRef } = pullRequest
  const head = headRepositoryId === null ? undefined : world.repositories.get(headRepositoryId)
  const git = world.git(repository)
  const base = await findBranchSha(git, baseRef)
  const tree = base === undefined ? undefined : await mergeTrees(git, base, headSha)
  if (head === undefined || base === undefined || tree === undefined) {
    throw new ApiError(422, 'merge conflict between base and head')
  }
  const author = signatureOf(world, actor.account)
  const message = `Merge branch '${baseRef}' into ${headRef}`
  const sha = await writeCommit(git, { tree, parents: [headSha, base], message, author })
  if (head !== repository) await fetchCommit(world.git(head), repository.gitDir, sha, `refs/updates/${sha}`)
  await updateRef(world, head, { ref: `refs/heads/${headRef}`, after: sha, actor })
}
