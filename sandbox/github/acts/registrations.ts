import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { JsonObject } from '../contracts/json.ts'
import { nodeId } from '../render/node-id.ts'
import { renderInstallation } from '../render/render-app.ts'
import type { Actor } from '../state/account.ts'
import type { AppRegistration, Installation, Permissions } from '../state/app-registration.ts'
import { fullName, type Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { createAccount } from './accounts.ts'

export interface RegistrationRequest {
  readonly name: string
  readonly ownerLogin: string
  readonly permissions: Permissions
  readonly events: readonly string[]
  readonly webhookUrl?: string | undefined
  readonly webhookSecret?: string | undefined
  readonly externalUrl?: string | undefined
  readonly description?: string | undefined
  /** An RSA key of one's own; otherwise one is generated. */
  readonly privateKeyPem?: string | undefined
}

/** Registers an App with a key and secrets of its own, and its bot user. */
export function registerApp(world: World, request: RegistrationRequest): AppRegistration {
  const slug = request.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  const privateKeyPem = request.privateKeyPem ?? generateKey()
  const bot = createAccount(world, { login: `${slug}[bot]`, type: 'Bot' })
  const registration: AppRegistration = {
    id: world.nextId(),
    slug,
    name: request.name,
    clientId: `Iv23li${world.randomHex(14)}`,
    clientSecret: world.randomHex(40),
    ownerLogin: request.ownerLogin,
    botLogin: bot.login,
    privateKeyPem,
    publicKeyPem: createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString(),
    externalUrl: request.externalUrl ?? `${world.webUrl}/apps/${slug}`,
    description: request.description ?? null,
    permissions: request.permissions,
    events: request.events,
    createdAt: world.now(),
    hookId: world.nextId(),
    webhookSecret: request.webhookSecret ?? world.randomHex(40),
    webhookUrl: request.webhookUrl ?? null,
  }
  world.registrations.set(registration.id, registration)
  return registration
}

function generateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
}

/** Installs an App in an account, as its owner does on GitHub. */
export function installApp(
  world: World,
  request: {
    registration: AppRegistration
    accountLogin: string
    repositories: readonly Repository[] | 'all'
    permissions?: Permissions | undefined
    events?: readonly string[] | undefined
    actor: Actor
  },
): Installation {
  const { registration, repositories, actor } = request
  const installation: Installation = {
    id: world.nextId(),
    appId: registration.id,
    accountLogin: request.accountLogin,
    createdAt: world.now(),
    permissions: { metadata: 'read', ...(request.permissions ?? registration.permissions) },
    events: request.events ?? registration.events,
    selection: repositories === 'all' ? 'all' : 'selected',
    repositoryIds: new Set(repositories === 'all' ? [] : repositories.map(({ id }) => id)),
    suspendedAt: null,
    suspendedBy: null,
  }
  world.installations.set(installation.id, installation)
  const covered = listInstalled(world, installation).map(renderShort)
  emitInstallation(world, { installation, action: 'created', actor, extra: { repositories: covered, requester: null } })
  return installation
}

export function listInstalled(world: World, installation: Installation): Repository[] {
  return [...world.repositories.values()].filter(
    (repository) =>
      repository.ownerLogin === installation.accountLogin &&
      (installation.selection === 'all' || installation.repositoryIds.has(repository.id)),
  )
}

export function uninstallApp(world: World, installation: Installation, actor: Actor): void {
  const repositories = listInstalled(world, installation).map(renderShort)
  world.installations.delete(installation.id)
  emitInstallation(world, { installation, action: 'deleted', actor, extra: { repositories } })
}

export function suspendInstallation(
  world: World,
  installation: Installation,
  actor: Actor,
  isSuspended: boolean,
): void {
  installation.suspendedAt = isSuspended ? world.now() : null
  installation.suspendedBy = isSuspended ? actor.account.login : null
  emitInstallation(world, { installation, action: isSuspended ? 'suspend' : 'unsuspend', actor, extra: {} })
}

/** The owner accepts what an App newly asks for. */
export function acceptPermissions(
  world: World,
  installation: Installation,
  change: { permissions: Permissions; actor: Actor },
): void {
  installation.permissions = { metadata: 'read', ...change.permissions }
  emitInstallation(world, { installation, action: 'new_permissions_accepted', actor: change.actor, extra: {} })
}

export function changeInstalled(
  world: World,
  installation: Installation,
  change: { added?: readonly Repository[]; removed?: readonly Repository[]; actor: Actor },
): void {
  const { added = [], removed = [], actor } = change
  for (const repository of added) installation.repositoryIds.add(repository.id)
  for (const repository of removed) installation.repositoryIds.delete(repository.id)
  emit(world, {
    name: 'installation_repositories',
    action: added.length > 0 ? 'added' : 'removed',
    actor,
    installation,
    payload: {
      installation: renderInstallation(world, installation),
      repository_selection: installation.selection,
      repositories_added: added.map(renderShort),
      repositories_removed: removed.map(renderShort),
      requester: null,
    },
  })
}

function emitInstallation(
  world: World,
  event: { installation: Installation; action: string; actor: Actor; extra: JsonObject },
): void {
  const { installation, action, actor, extra } = event
  const payload = { installation: renderInstallation(world, installation), ...extra }
  emit(world, { name: 'installation', action, actor, installation, payload })
}

function renderShort(repository: Repository): JsonObject {
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
  }
}
