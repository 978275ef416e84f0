import { z } from 'zod'
import { notFound } from '../api-error.ts'
import type { Delivery } from '../state/delivery.ts'
import { redeliver } from '../webhooks/redeliver.ts'
import { ok } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

function registrationOf(call: Call) {
  if (call.caller.kind !== 'app') throw notFound()
  return call.caller.registration
}

function ownDeliveries(call: Call): Delivery[] {
  const { id } = registrationOf(call)
  return call.world.deliveries.filter(({ appId }) => appId === id)
}

function deliveryOf(call: Call): Delivery {
  const found = ownDeliveries(call).find(({ id }) => id === call.number('delivery_id'))
  if (found === undefined) throw notFound()
  return found
}

function renderItem(delivery: Delivery) {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: Math.round(delivery.durationMs) / 1000,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  }
}

// Pages of deliveries are turned by a cursor, not by number: the log grows while one reads it.
function listDeliveries(call: Call): Reply {
  const perPage = Math.min(100, Number(call.query('per_page')) || 30)
  const before = Number(call.query('cursor')?.replace(/^v1_/, '')) || Number.POSITIVE_INFINITY
  const status = call.query('status')
  const isWanted = ({ statusCode }: Delivery) =>
    status === undefined || (statusCode >= 200 && statusCode < 400) === (status === 'success')
  const all = ownDeliveries(call)
    .toReversed()
    .filter((delivery) => delivery.id < before && isWanted(delivery))
  const items = all.slice(0, perPage)
  const last = items.at(-1)
  if (all.length <= perPage || last === undefined) return ok(items.map(renderItem))
  const query = new URLSearchParams(call.url.search)
  query.set('cursor', `v1_${last.id}`)
  const link = `<${call.world.apiUrl}/app/hook/deliveries?${query}>; rel="next"`
  return { status: 200, body: items.map(renderItem), headers: { link } }
}

function renderConfig(call: Call) {
  const { webhookUrl, webhookSecret } = registrationOf(call)
  return {
    content_type: 'json',
    insecure_ssl: '0',
    ...(webhookSecret === null ? {} : { secret: '********' }),
    ...(webhookUrl === null ? {} : { url: webhookUrl }),
  }
}

export const deliveryRoutes: readonly Route[] = [
  { name: 'GET /app/hook/config', access: { for: 'app' }, handle: (call) => ok(renderConfig(call)) },
  {
    name: 'PATCH /app/hook/config',
    access: { for: 'app' },
    handle: (call) => {
      const change = call.read(z.object({ url: z.string().optional(), secret: z.string().optional() }))
      const registration = registrationOf(call)
      registration.webhookUrl = change.url ?? registration.webhookUrl
      registration.webhookSecret = change.secret ?? registration.webhookSecret
      return ok(renderConfig(call))
    },
  },
  { name: 'GET /app/hook/deliveries', access: { for: 'app' }, handle: listDeliveries },
  {
    name: 'GET /app/hook/deliveries/{delivery_id}',
    access: { for: 'app' },
    handle: (call) => {
      const delivery = deliveryOf(call)
      return ok({
        ...renderItem(delivery),
        url: delivery.url,
        request: { headers: delivery.requestHeaders, payload: JSON.parse(delivery.payload) },
        response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
      })
    },
  },
  {
    name: 'POST /app/hook/deliveries/{delivery_id}/attempts',
    access: { for: 'app' },
    handle: (call) => {
      redeliver(call.world, deliveryOf(call), { redelivery: true })
      return { status: 202, body: {} }
    },
  },
]
