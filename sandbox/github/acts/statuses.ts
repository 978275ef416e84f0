import { ApiError, validationFailed } from '../api-error.ts'
import { getCommit } from '../git/commits.ts'
import { listRefs } from '../git/branches.ts'
import { renderCommit } from '../render/render-commit.ts'
import { repositoryUrl } from '../render/render-repository.ts'
import { renderSimpleStatus } from '../render/render-check.ts'
import type { Actor } from '../state/account.ts'
import type { CommitStatus, StatusState } from '../state/check.ts'
import { fullName, type Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { advanceQueue } from './merge-queue.ts'
import { rulesOf } from './merge-obstacles.ts'

const maxPerContext = 1000

export async function createStatus(
  world: World,
  repository: Repository,
  request: {
    sha: string
    state: StatusState
    context?: string | undefined
    description?: string | null | undefined
    targetUrl?: string | null | undefined
    actor: Actor
  },
): Promise<CommitStatus> {
  const { sha, state, context = 'default', description = null, targetUrl = null, actor } = request
  const git = world.git(repository)
  const commit = /^[0-9a-f]{40}$/.test(sha) ? await getCommit(git, sha).catch(() => undefined) : undefined
  if (commit === undefined) throw new ApiError(422, `No commit found for SHA: ${sha}`)
  const same = repository.statuses.filter((status) => status.sha === sha && status.context === context)
  if (same.length >= maxPerContext) {
    const message = 'This SHA and context has reached the maximum number of statuses.'
    throw validationFailed({ resource: 'Status', code: 'custom', message })
  }
  const status: CommitStatus = {
    id: world.nextId(),
    sha,
    state,
    context,
    description,
    targetUrl,
    creatorLogin: actor.account.login,
    createdAt: world.now(),
  }
  repository.statuses.push(status)
  const heads = (await listRefs(git, 'refs/heads/')).filter((ref) => ref.sha === sha)
  const branches = heads.map(({ name }) => {
    const branch = name.slice('refs/heads/'.length)
    const url = `${repositoryUrl(world, repository)}/commits/${sha}`
    return { name: branch, commit: { sha, url }, protected: rulesOf(repository, branch).length > 0 }
  })
  emit(world, {
    name: 'status',
    actor,
    repository,
    payload: {
      ...renderSimpleStatus(world, repository, status),
      sha,
      name: fullName(repository),
      commit: renderCommit(world, repository, commit),
      branches,
    },
  })
  await advanceQueue(world, repository)
  return status
}
