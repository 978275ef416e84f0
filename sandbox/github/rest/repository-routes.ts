import { repositoryAccess } from '../auth/access.ts'
import { notFound } from '../api-error.ts'
import { renderAccount } from '../render/render-account.ts'
import { renderFullRepository, renderRights } from '../render/render-repository.ts'
import { findRole } from '../state/permissions.ts'
import type { Role } from '../state/repository.ts'
import { noContent, ok } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

// The old field knows three levels only; `role_name` tells all five.
const legacy: Readonly<Record<Role, string>> = {
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
}

function getPermission(call: Call): Reply {
  const { world, repository } = call
  const account = world.accounts.get(call.param('username').toLowerCase())
  if (account === undefined) throw notFound()
  // Everyone has read access to what is public, collaborator or not.
  const role = findRole(world, repository, account.login)
  const rights = renderRights(world, repository, account.login)
  return ok({
    permission: role === undefined ? 'none' : legacy[role],
    role_name: role ?? 'none',
    user: { ...renderAccount(world, account), permissions: rights, role_name: role ?? 'none' },
  })
}

export const repositoryRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}',
    access: repositoryAccess('metadata', 'read', 'read'),
    handle: (call) => ok(renderFullRepository(call.world, call.repository, call.viewer)),
  },
  {
    name: 'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
    access: repositoryAccess('metadata', 'read', 'write'),
    handle: getPermission,
  },
  {
    name: 'GET /repos/{owner}/{repo}/collaborators/{username}',
    access: repositoryAccess('metadata', 'read', 'write'),
    handle: (call) => {
      const login = call.param('username')
      const owner = call.world.account(call.repository.ownerLogin)
      const isCollaborator =
        owner.login === login || owner.members.has(login) || call.repository.collaborators.has(login)
      if (!isCollaborator) throw notFound()
      return noContent
    },
  },
]
