import { ApiError, notFound } from '../api-error.ts'
import type { PermissionLevel } from '../state/app-registration.ts'
import { findRole, hasRole } from '../state/permissions.ts'
import type { Repository, Role } from '../state/repository.ts'
import { covers } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import type { Caller } from './caller.ts'

/** Who may call an operation. */
export type Access =
  | { readonly for: 'anyone' | 'app' | 'installation' | 'person' | 'someone' }
  | {
      readonly for: 'repository'
      /** Any one of these permissions of an installation token is enough. */
      readonly permissions: readonly string[]
      readonly level: PermissionLevel
      /** What a person needs. */
      readonly role: Role
    }

const ranks: Readonly<Record<PermissionLevel, number>> = { read: 1, write: 2, admin: 3 }

export function repositoryAccess(permissions: string | readonly string[], level: PermissionLevel, role: Role): Access {
  return { for: 'repository', permissions: typeof permissions === 'string' ? [permissions] : permissions, level, role }
}

/** Refuses callers of another kind than the operation is for. */
export function checkKind(access: Access, caller: Caller): void {
  if (access.for === 'anyone' || access.for === 'repository') return
  if (access.for === 'app' && caller.kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded')
  if (access.for === 'someone' && caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
  if (access.for === 'installation' && caller.kind !== 'installation') {
    throw new ApiError(
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.',
    )
  }
  if (access.for === 'person' && caller.kind !== 'person') {
    throw caller.kind === 'anonymous'
      ? new ApiError(401, 'Requires authentication')
      : new ApiError(403, 'Resource not accessible by integration')
  }
}

/** Refuses what this caller may not do in a repository; what it may not even see is not found. */
export function checkRepository(
  world: World,
  repository: Repository,
  request: { access: Extract<Access, { for: 'repository' }>; caller: Caller; isRead: boolean },
): void {
  const { access, caller, isRead } = request
  if (caller.kind === 'app') throw new ApiError(401, 'A JSON web token could not be decoded')
  if (caller.kind === 'anonymous') {
    if (repository.private) throw notFound()
    if (!isRead || access.role === 'admin') throw new ApiError(401, 'Requires authentication')
    return
  }
  if (caller.kind === 'installation') checkInstallation(repository, { access, caller, isRead })
  else checkPerson(world, repository, { access, login: caller.account.login, isRead })
}

function checkPerson(
  world: World,
  repository: Repository,
  request: { access: Extract<Access, { for: 'repository' }>; login: string; isRead: boolean },
): void {
  const { access, login, isRead } = request
  if (findRole(world, repository, login) === undefined) throw notFound()
  if (hasRole(world, repository, login, access.role)) return
  // Classic branch protection does not exist for those who may not administer it.
  throw isRead ? notFound() : new ApiError(403, 'Must have admin rights to Repository.')
}

function checkInstallation(
  repository: Repository,
  request: {
    access: Extract<Access, { for: 'repository' }>
    caller: Extract<Caller, { kind: 'installation' }>
    isRead: boolean
  },
): void {
  const { access, caller, isRead } = request
  const isCovered = covers(caller.installation, repository) && (caller.repositoryIds?.has(repository.id) ?? true)
  if (!isCovered) {
    if (repository.private) throw notFound()
    if (isRead && access.permissions.includes('metadata')) return
    throw new ApiError(403, 'Resource not accessible by integration')
  }
  const isGranted = access.permissions.some((name) => {
    const level = name === 'metadata' ? 'read' : caller.permissions[name]
    return level !== undefined && ranks[level] >= ranks[access.level]
  })
  if (!isGranted) throw new ApiError(403, 'Resource not accessible by integration')
}
