import { createHmac } from 'node:crypto'
import type { JsonObject } from '../contracts/json.ts'
import { nodeId } from '../render/node-id.ts'
import { renderAccount, renderOrganization } from '../render/render-account.ts'
import { renderRepository } from '../render/render-repository.ts'
import type { Actor } from '../state/account.ts'
import type { AppRegistration, Installation } from '../state/app-registration.ts'
import type { Delivery } from '../state/delivery.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'

// GitHub forgets deliveries after some days; a sandbox that runs long must too.
const maxDeliveries = 5000

export interface WebhookEvent {
  /** As in `X-GitHub-Event`. */
  readonly name: string
  readonly action?: string
  readonly actor: Actor
  readonly repository?: Repository
  /** What this event carries besides repository, sender and installation. */
  readonly payload: JsonObject
  /** Only for this App, subscribed or not: what concerns its own check runs and installations. */
  readonly onlyAppId?: number
  /** Where no repository says which installation is meant. */
  readonly installation?: Installation
}

/** Sends an event to every App that is installed there and listens for it. */
export function emit(world: World, event: WebhookEvent): void {
  for (const installation of recipients(world, event)) {
    const registration = world.registrations.get(installation.appId)
    if (registration === undefined) continue
    const payload = buildPayload(world, event, installation)
    const isKnownAction = event.action !== undefined
    world.judgeWebhook?.(`${event.name}${isKnownAction ? `-${event.action}` : ''}`.replaceAll('_', '-'), payload)
    postDelivery(world, registration, { event, installation, payload })
  }
  if (event.repository !== undefined) world.changed(event.repository)
}

/** The first delivery of a new hook. */
export function emitPing(world: World, registration: AppRegistration): void {
  const { hookId, id, events, webhookUrl } = registration
  const config = { content_type: 'json', insecure_ssl: '0', secret: '********', url: webhookUrl ?? '' }
  const times = { created_at: registration.createdAt, updated_at: registration.createdAt }
  const hook = { type: 'App', id: hookId, name: 'web', active: true, events: [...events], config, app_id: id, ...times }
  const payload = { zen: 'Keep it logically awesome.', hook_id: hookId, hook }
  postDelivery(world, registration, { event: { name: 'ping' }, installation: null, payload })
}

function recipients(world: World, event: WebhookEvent): Installation[] {
  if (event.installation !== undefined) return [event.installation]
  const { repository } = event
  if (repository === undefined) return []
  return [...world.installations.values()].filter((installation) => {
    if (!covers(installation, repository) || installation.suspendedAt !== null) return false
    if (event.onlyAppId !== undefined) return event.onlyAppId === installation.appId
    return installation.events.includes(event.name)
  })
}

export function covers(installation: Installation, repository: Repository): boolean {
  const isInAccount = installation.accountLogin === repository.ownerLogin
  return isInAccount && (installation.selection === 'all' || installation.repositoryIds.has(repository.id))
}

function buildPayload(world: World, event: WebhookEvent, installation: Installation): JsonObject {
  const { repository, action, actor } = event
  const owner = repository === undefined ? undefined : world.account(repository.ownerLogin)
  return {
    ...(action === undefined ? {} : { action }),
    ...(repository === undefined ? {} : { repository: renderRepository(world, repository) }),
    ...(owner?.type === 'Organization' ? { organization: renderOrganization(world, owner) } : {}),
    sender: renderAccount(world, actor.account),
    installation: { id: installation.id, node_id: nodeId('MDIz', installation.id) },
    ...event.payload,
  }
}

function postDelivery(
  world: World,
  registration: AppRegistration,
  what: {
    event: Pick<WebhookEvent, 'name' | 'action' | 'repository'>
    installation: Installation | null
    payload: JsonObject
  },
): void {
  const { event, installation } = what
  const url = registration.webhookUrl
  if (url === null) return
  const payload = JSON.stringify(what.payload)
  const guid = createGuid(world)
  const delivery: Delivery = {
    id: world.nextId(),
    guid,
    appId: registration.id,
    hookId: registration.hookId,
    event: event.name,
    action: event.action ?? null,
    installationId: installation?.id ?? null,
    repositoryId: event.repository?.id ?? null,
    redelivery: false,
    deliveredAt: world.now(),
    url,
    requestHeaders: buildHeaders(registration, { guid, name: event.name, payload }),
    payload,
    durationMs: 0,
    status: 'pending',
    statusCode: 0,
    responseHeaders: {},
    responseBody: null,
  }
  world.deliveries.push(delivery)
  if (world.deliveries.length > maxDeliveries) world.deliveries.shift()
  world.outbox.post(delivery)
}

function buildHeaders(registration: AppRegistration, message: { guid: string; name: string; payload: string }) {
  const { guid, name, payload } = message
  const secret = registration.webhookSecret
  const sign = (algorithm: string) =>
    createHmac(algorithm, secret ?? '')
      .update(payload)
      .digest('hex')
  return {
    accept: '*/*',
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/5ab1e0f',
    'x-github-delivery': guid,
    'x-github-event': name,
    'x-github-hook-id': String(registration.hookId),
    'x-github-hook-installation-target-id': String(registration.id),
    'x-github-hook-installation-target-type': 'integration',
    ...(secret === null
      ? {}
      : { 'x-hub-signature': `sha1=${sign('sha1')}`, 'x-hub-signature-256': `sha256=${sign('sha256')}` }),
  }
}

function createGuid(world: World): string {
  const hex = world.randomHex(32)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
