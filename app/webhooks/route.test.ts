import { createHmac } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createMemoryQueue } from '../../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { deliveryId } from '../../ports/ids.ts'
import { silentLog } from '../../ports/log.ts'
import type { DeliveryStore } from '../../ports/store.ts'
import { webhookRequest } from './fakes/webhook-request.ts'
import { createInbox } from './inbox.ts'
import { createWebhookRoute, type WebhookRequest } from './route.ts'

const secret = "It's a Secret to Everybody"
const clock = createFakeClock()

function start(wrap: (deliveries: DeliveryStore) => DeliveryStore = (deliveries) => deliveries) {
  const store = createMemoryStore({ clock })
  const queue = createMemoryQueue({ clock })
  const deliveries = wrap(store.deliveries)
  const route = createWebhookRoute({ secret, clock, inbox: createInbox({ deliveries, queue, log: silentLog }) })
  return { route, store, queue }
}
function webhook(body: string | Uint8Array, headers: Record<string, string | undefined> = {}): WebhookRequest {
  const signed = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': 'guid-1',
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    ...headers,
  }
  return webhookRequest('POST', signed, body)
}

describe('the webhook route', () => {
  it('stores a delivery before it answers, and wakes the worker', async () => {
    const { route, store, queue } = start()
    const answer = await route(webhook('{"a":"é"}'))
    expect(answer.status).toBe(202)
    expect(await store.deliveries.find(deliveryId.parse('guid-1'))).toMatchObject({
      event: 'push',
      payload: '{"a":"é"}',
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect((await queue.depth()).delivery).toMatchObject({ waiting: 1 })
  })

  it('answers a duplicate and drops it', async () => {
    const { route, store } = start()
    expect((await route(webhook('{}'))).body).toEqual({ fate: 'stored' })
    const again = await route(webhook('{}'))
    expect([again.status, again.body]).toEqual([200, { fate: 'duplicate' }])
    expect(await store.deliveries.countByFate()).toMatchObject({ undone: 1 })
  })

  it.each([
    ['a wrong signature', webhook('{}', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }), 401],
    ['a short signature', webhook('{}', { 'x-hub-signature-256': 'sha256=0' }), 401],
    [
      'a signature of another body',
      webhook('{"a":1}', {
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update('{}').digest('hex')}`,
      }),
      401,
    ],
    ['no signature', webhook('{}', { 'x-hub-signature-256': undefined }), 400],
    ['no event', webhook('{}', { 'x-github-event': undefined }), 400],
    ['no delivery id', webhook('{}', { 'x-github-delivery': undefined }), 400],
    ['a form', webhook('payload={}', { 'content-type': 'application/x-www-form-urlencoded' }), 415],
    ['broken JSON', webhook('{'), 400],
    ['a list', webhook('[]'), 400],
    ['30 MB', webhook(Buffer.alloc(30 * 1024 * 1024, 32)), 413],
    ['a length that says so', webhook('{}', { 'content-length': String(26 * 1024 * 1024) }), 413],
    ['GET', webhookRequest('GET', {}), 405],
  ])('refuses %s', async (_, request, status) => {
    const { route, store } = start()
    const answer = await route(request)
    expect(answer.status).toBe(status)
    expect(answer.body).toEqual({ error: expect.stringMatching(/\.$/) })
    expect(await store.deliveries.countByFate()).toMatchObject({ undone: 0 })
  })

  it('stops reading a body without an end at the limit', async () => {
    let sent = 0
    const endless = new Readable({
      read() {
        sent += 1
        this.push(Buffer.alloc(1024 * 1024))
      },
    })
    const headers = { 'x-github-event': 'push', 'x-github-delivery': 'g', 'x-hub-signature-256': 'x' }
    const request = webhookRequest('POST', { ...headers, 'content-type': 'application/json' }, endless)
    expect((await start().route(request)).status).toBe(413)
    expect(sent).toBeLessThan(30)
  })

  it('takes an unknown event', async () => {
    expect((await start().route(webhook('{}', { 'x-github-event': 'moon_phase' }))).status).toBe(202)
  })

  it('says 503 when the delivery could not be kept, so that GitHub knows', async () => {
    const { route } = start((deliveries) => ({
      ...deliveries,
      addAll: async () => Promise.reject(new Error('disk full')),
    }))
    expect((await route(webhook('{}'))).status).toBe(503)
  })

  it('gathers what arrives during one commit into the next', async () => {
    const sizes: number[] = []
    const { route } = start((deliveries) => ({
      ...deliveries,
      async addAll(batch) {
        sizes.push(batch.length)
        await new Promise((resolve) => setImmediate(resolve))
        return deliveries.addAll(batch)
      },
    }))
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => route(webhook('{}', { 'x-github-delivery': `g-${index % 50}` }))),
    )
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(50)
    expect(sizes.length).toBeLessThan(20)
  })

  it('refuses to start without a secret', () => {
    const { store, queue } = start()
    const inbox = createInbox({ deliveries: store.deliveries, queue, log: silentLog })
    expect(() => createWebhookRoute({ secret: '', clock, inbox })).toThrow('a webhook secret is needed')
  })
})
