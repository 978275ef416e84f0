import type { World } from '../world.ts'
import type { Account } from './account.ts'
import type { Repository, Role } from './repository.ts'

const ranks: Readonly<Record<Role, number>> = { read: 1, triage: 2, write: 3, maintain: 4, admin: 5 }

/** What a person may do in a repository; undefined: nothing, not even see it. */
export function findRole(world: World, repository: Repository, login: string): Role | undefined {
  const owner = world.account(repository.ownerLogin)
  if (owner.login === login || owner.members.get(login) === 'admin') return 'admin'
  const granted = repository.collaborators.get(login)
  if (granted !== undefined) return granted
  return owner.members.has(login) || !repository.private ? 'read' : undefined
}

export function hasRole(world: World, repository: Repository, login: string, least: Role): boolean {
  const role = findRole(world, repository, login)
  return role !== undefined && ranks[role] >= ranks[least]
}

/** GitHub's `author_association`. */
export function associationOf(world: World, repository: Repository, account: Account): string {
  const owner = world.account(repository.ownerLogin)
  if (owner.login === account.login) return 'OWNER'
  if (owner.members.has(account.login)) return 'MEMBER'
  if (repository.collaborators.has(account.login)) return 'COLLABORATOR'
  const hasMerged = [...repository.pullRequests.values()].some(
    (pullRequest) =>
      pullRequest.mergedAt !== null && repository.issues.get(pullRequest.number)?.authorLogin === account.login,
  )
  return hasMerged ? 'CONTRIBUTOR' : 'NONE'
}
