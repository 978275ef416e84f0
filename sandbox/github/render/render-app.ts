import type { JsonObject } from '../contracts/json.ts'
import type { AppRegistration, Installation } from '../state/app-registration.ts'
import type { World } from '../world.ts'
import { nodeId } from './node-id.ts'
import { renderAccount, renderLogin } from './render-account.ts'

export function renderApp(world: World, registration: AppRegistration): JsonObject {
  return {
    id: registration.id,
    slug: registration.slug,
    client_id: registration.clientId,
    node_id: nodeId('A', registration.id),
    owner: renderAccount(world, world.account(registration.ownerLogin)),
    name: registration.name,
    description: registration.description,
    external_url: registration.externalUrl,
    html_url: `${world.webUrl}/apps/${registration.slug}`,
    created_at: registration.createdAt,
    updated_at: registration.createdAt,
    permissions: registration.permissions,
    events: registration.events,
    installations_count: [...world.installations.values()].filter(({ appId }) => appId === registration.id).length,
  }
}

export function renderAppById(world: World, appId: number | null): JsonObject | null {
  const registration = appId === null ? undefined : world.registrations.get(appId)
  return registration === undefined ? null : renderApp(world, registration)
}

export function renderInstallation(world: World, installation: Installation): JsonObject {
  const account = world.account(installation.accountLogin)
  const registration = world.registrations.get(installation.appId)
  const url = `${world.apiUrl}/app/installations/${installation.id}`
  return {
    id: installation.id,
    client_id: registration?.clientId ?? '',
    account: renderAccount(world, account),
    repository_selection: installation.selection,
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${world.apiUrl}/installation/repositories`,
    html_url: `${world.webUrl}/settings/installations/${installation.id}`,
    app_id: installation.appId,
    app_slug: registration?.slug ?? '',
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: installation.createdAt,
    updated_at: installation.createdAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: renderLogin(world, installation.suspendedBy),
    suspended_at: installation.suspendedAt,
  }
}
