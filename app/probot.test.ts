import { generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { Probot } from 'probot'
import { expect, it } from 'vitest'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import type { StoredDelivery } from '../ports/store.ts'
import { createProbotApp } from './probot.ts'

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as {
  name: string
  examples: Record<string, unknown>[]
}[]

it('keeps what Probot received in the inbox', async () => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const kept: StoredDelivery[] = []
  const clock = createFakeClock()
  const inbox = {
    async accept(delivery: StoredDelivery) {
      kept.push(delivery)
      return 'stored' as const
    },
  }
  const probot = new Probot({ appId: 1, privateKey, secret: 'a secret', logLevel: 'fatal' })
  await probot.load(createProbotApp({ inbox, clock }))
  const payload = examples.find(({ name }) => name === 'pull_request')?.examples[0]
  // Probot's own type names every event; the example is one of them.
  await probot.receive({ id: 'guid-1', name: 'pull_request', payload } as unknown as Parameters<Probot['receive']>[0])
  expect(kept).toEqual([
    { id: 'guid-1', event: 'pull_request', receivedAt: clock.now(), payload: JSON.stringify(payload) },
  ])
})
