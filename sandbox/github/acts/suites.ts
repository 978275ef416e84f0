import { getCommit } from '../git/commits.ts'
import { renderSuite } from '../render/render-check.ts'
import type { Actor } from '../state/account.ts'
import type { CheckSuite } from '../state/check.ts'
import type { Repository } from '../state/repository.ts'
import { covers, emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'

/** On every push, GitHub opens a check suite for each App that may write checks there, and asks for it. */
export async function requestSuites(
  world: World,
  repository: Repository,
  push: { branch: string; before: string; after: string; actor: Actor },
): Promise<void> {
  for (const installation of world.installations.values()) {
    if (installation.permissions.checks !== 'write' || !covers(installation, repository)) continue
    const suite = ensureSuite(world, repository, { ...push, headSha: push.after, appId: installation.appId })
    await emitSuite(world, repository, { suite, action: 'requested', actor: push.actor, onlyAppId: installation.appId })
  }
}

/** The suite of an App on a commit; created on first use. */
export function ensureSuite(
  world: World,
  repository: Repository,
  wanted: { appId: number; headSha: string; branch: string | null; before: string },
): CheckSuite {
  const { appId, headSha, branch, before } = wanted
  const found = [...repository.suites.values()].find((suite) => suite.appId === appId && suite.headSha === headSha)
  if (found !== undefined) return found
  const now = world.now()
  const suite = { id: world.nextId(), appId, headSha, headBranch: branch, before, createdAt: now, updatedAt: now }
  repository.suites.set(suite.id, suite)
  return suite
}

export async function emitSuite(
  world: World,
  repository: Repository,
  event: { suite: CheckSuite; action: 'requested' | 'rerequested' | 'completed'; actor: Actor; onlyAppId?: number },
): Promise<void> {
  const { suite, action, actor, onlyAppId } = event
  const commit = await getCommit(world.git(repository), suite.headSha)
  const payload = { check_suite: renderSuite(world, repository, suite, commit) }
  emit(world, {
    name: 'check_suite',
    action,
    actor,
    repository,
    payload,
    ...(onlyAppId === undefined ? {} : { onlyAppId }),
  })
}
