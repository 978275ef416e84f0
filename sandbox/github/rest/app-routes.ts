import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { listInstalled } from '../acts/registrations.ts'
import { renderApp, renderInstallation } from '../render/render-app.ts'
import { renderRepository } from '../render/render-repository.ts'
import type { AppRegistration, Installation, PermissionLevel, Permissions } from '../state/app-registration.ts'
import type { World } from '../world.ts'
import { countedPage, created, ok, page } from './replies.ts'
import type { Call, Route } from './route.ts'

const tokenLifeMs = 3_600_000
const ranks: Readonly<Record<PermissionLevel, number>> = { read: 1, write: 2, admin: 3 }

const tokenRequest = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])).optional(),
})

function registrationOf(call: Call): AppRegistration {
  if (call.caller.kind !== 'app') throw notFound()
  return call.caller.registration
}

function installationOf(call: Call): Installation {
  const installation = call.world.installations.get(call.number('installation_id'))
  if (installation?.appId !== registrationOf(call).id) throw notFound()
  return installation
}

function findInstallation(call: Call, accountLogin: string, repositoryId?: number): Installation {
  const { id } = registrationOf(call)
  for (const installation of call.world.installations.values()) {
    const isCovered =
      repositoryId === undefined || installation.selection === 'all' || installation.repositoryIds.has(repositoryId)
    const isThere = installation.accountLogin.toLowerCase() === accountLogin.toLowerCase()
    if (installation.appId === id && isThere && isCovered) return installation
  }
  throw notFound()
}

function createToken(call: Call) {
  const { world } = call
  const installation = installationOf(call)
  if (installation.suspendedAt !== null) throw new ApiError(403, 'This installation has been suspended')
  const request = call.read(tokenRequest)
  const permissions = narrow(installation.permissions, request.permissions)
  const scoped = findScope(world, installation, request)
  const token = `ghs_${world.randomHex(36)}`
  const expiresAtMs = world.nowMs() + tokenLifeMs
  const repositoryIds = scoped === undefined ? {} : { repositoryIds: new Set(scoped.map(({ id }) => id)) }
  world.tokens.set(token, {
    kind: 'installation',
    installationId: installation.id,
    permissions,
    expiresAtMs,
    ...repositoryIds,
  })
  return created({
    token,
    expires_at: new Date(expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    permissions,
    repository_selection: scoped === undefined ? installation.selection : 'selected',
    ...(scoped === undefined ? {} : { repositories: scoped.map((repository) => renderRepository(world, repository)) }),
  })
}

function narrow(granted: Permissions, wanted: Permissions | undefined): Permissions {
  if (wanted === undefined) return granted
  for (const [name, level] of Object.entries(wanted)) {
    const has = granted[name]
    if (has === undefined || ranks[has] < ranks[level]) {
      throw new ApiError(422, 'The permissions requested are not granted to this installation.')
    }
  }
  return { metadata: 'read', ...wanted }
}

function findScope(world: World, installation: Installation, request: z.infer<typeof tokenRequest>) {
  const { repositories: names, repository_ids: ids } = request
  if (names === undefined && ids === undefined) return undefined
  const wanted = [...(names ?? []), ...(ids ?? [])]
  const installed = listInstalled(world, installation)
  const scoped = installed.filter(({ name, id }) => names?.includes(name) === true || ids?.includes(id) === true)
  if (scoped.length < wanted.length) {
    throw new ApiError(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    )
  }
  return scoped
}

export const appRoutes: readonly Route[] = [
  { name: 'GET /app', access: { for: 'app' }, handle: (call) => ok(renderApp(call.world, registrationOf(call))) },
  {
    name: 'GET /apps/{app_slug}',
    access: { for: 'anyone' },
    handle: (call) => {
      for (const registration of call.world.registrations.values()) {
        if (registration.slug === call.param('app_slug')) return ok(renderApp(call.world, registration))
      }
      throw notFound()
    },
  },
  {
    name: 'GET /app/installations',
    access: { for: 'app' },
    handle: (call) => {
      const { id } = registrationOf(call)
      const installations = [...call.world.installations.values()].filter(({ appId }) => appId === id)
      return page(call, installations, (installation) => renderInstallation(call.world, installation))
    },
  },
  {
    name: 'GET /app/installations/{installation_id}',
    access: { for: 'app' },
    handle: (call) => ok(renderInstallation(call.world, installationOf(call))),
  },
  { name: 'POST /app/installations/{installation_id}/access_tokens', access: { for: 'app' }, handle: createToken },
  {
    name: 'GET /repos/{owner}/{repo}/installation',
    access: { for: 'app' },
    handle: (call) => {
      const repository = call.world.findRepository(call.param('owner'), call.param('repo'))
      if (repository === undefined) throw notFound()
      return ok(renderInstallation(call.world, findInstallation(call, repository.ownerLogin, repository.id)))
    },
  },
  {
    name: 'GET /orgs/{org}/installation',
    access: { for: 'app' },
    handle: (call) => ok(renderInstallation(call.world, findInstallation(call, call.param('org')))),
  },
  {
    name: 'GET /users/{username}/installation',
    access: { for: 'app' },
    handle: (call) => ok(renderInstallation(call.world, findInstallation(call, call.param('username')))),
  },
  {
    name: 'GET /installation/repositories',
    access: { for: 'installation' },
    handle: (call) => {
      if (call.caller.kind !== 'installation') throw notFound()
      const { installation, repositoryIds } = call.caller
      const items = listInstalled(call.world, installation).filter(({ id }) => repositoryIds?.has(id) ?? true)
      return countedPage(call, { items, name: 'repositories', render: (item) => renderRepository(call.world, item) })
    },
  },
]
