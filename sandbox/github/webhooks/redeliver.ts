import type { Delivery } from '../state/delivery.ts'
import type { World } from '../world.ts'

/** Sends a stored webhook once more: the same GUID and bytes, a new entry in the log. */
export function redeliver(world: World, delivery: Delivery, options: { redelivery: boolean }): Delivery {
  const url = world.registrations.get(delivery.appId)?.webhookUrl ?? delivery.url
  const again: Delivery = {
    ...delivery,
    id: world.nextId(),
    url,
    redelivery: options.redelivery,
    deliveredAt: world.now(),
    durationMs: 0,
    status: 'pending',
    statusCode: 0,
    responseHeaders: {},
    responseBody: null,
  }
  world.deliveries.push(again)
  world.outbox.post(again)
  return again
}
