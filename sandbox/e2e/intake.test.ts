import { createHmac, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChange } from './__support__/open-change.ts'
import { type Product, startProduct } from './__support__/start-product.ts'
import { until } from './__support__/until.ts'

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly {
  readonly name: string
  readonly examples: readonly object[]
}[]

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product.stop())

function deliver(event: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const secret = product.variables.WEBHOOK_SECRET ?? ''
  return fetch(product.webhookUrl, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      ...headers,
    },
  })
}

describe('the webhook of the running server', () => {
  it.each([
    ['a wrong signature', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
    ['a signature that is none', { 'x-hub-signature-256': 'sha1=abc' }],
    ['no signature', { 'x-hub-signature-256': '' }],
    ['a delivery id that is none', { 'x-github-delivery': '' }],
  ])('refuses %s', async (_what, headers) => {
    const { status } = await deliver('ping', '{}', headers)
    expect([400, 401]).toContain(status)
  })

  it('refuses 30 MB', async () => {
    const { status } = await deliver('push', JSON.stringify({ filler: 'x'.repeat(30 * 1024 * 1024) }))
    expect(status).toBe(413)
  })

  it('takes an event that it does not know', async () => {
    const { status } = await deliver('brand_new_event', '{"action":"created"}')
    expect(status).toBe(202)
  })

  it('takes all examples of GitHub and is as good as before', async () => {
    await product.settled()
    const payloads = examples.flatMap(({ name, examples: all }) =>
      all.map((one) => [name, JSON.stringify(one)] as const),
    )
    expect(payloads).toHaveLength(329)
    const before = await product.server.parts.store.deliveries.countByFate()
    const statuses = await Promise.all(payloads.map(async ([name, body]) => (await deliver(name, body)).status))
    expect(new Set(statuses)).toEqual(new Set([202]))

    const after = await until('the inbox to be worked off', async () => {
      const fates = await product.server.parts.store.deliveries.countByFate()
      return fates.undone === 0 && fates
    })
    expect(after.handled + after.ignored + after.failed - before.handled - before.ignored - before.failed).toBe(329)
    await product.settled()
    expect(product.problems.filter((line) => line.includes('unexpected'))).toEqual([])
    expect((await fetch(`${product.server.url}/healthz`)).status).toBe(200)
    const change = await openChange(product, 'acme/after')
    change.ada.comment(change.number, '/infer Still there?')
    expect((await product.ended(change.name, change.number, 'infer')).outcome).toBe('answered')
    await product.expectProper()
  })
})
