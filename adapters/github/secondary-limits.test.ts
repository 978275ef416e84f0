import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../ports/fakes/fake-clock.ts'
import type { GithubRepository } from '../../ports/github.ts'
import { installationId, repositoryName } from '../../ports/ids.ts'
import { openTopic, type Shop, startShop } from '../../sandbox/github/__support__/start-shop.ts'
import { createGithubApp } from './github-app.ts'
import { createThrottle, type Throttle } from './throttle.ts'

const LONGEST_MS = 10 * 60_000
const EDITS = 150
const COMMENTS = 70

let clock: FakeClock
let shop: Shop

beforeEach(async () => {
  clock = createFakeClock()
  shop = await startShop({ judge: false, clock: () => clock.now() })
  await openTopic(shop)
})
afterEach(() => shop.stop())

function repository(throttle?: Throttle): GithubRepository {
  const { registration, installation, github } = shop
  const app = createGithubApp({
    fetch,
    baseUrl: github.url,
    clock,
    appId: registration.id,
    privateKey: registration.privateKeyPem,
    ...(throttle && { throttle }),
  })
  return app.repository({
    installationId: installationId.parse(installation.id),
    name: repositoryName.parse('acme/shop'),
  })
}

/** 1,105 points at once; how long it took by the clock, and what GitHub refused. */
async function burst({ comments }: GithubRepository) {
  const startedAt = clock.now()
  const { id } = await comments.create(1, 'first')
  const calls = [
    ...Array.from({ length: EDITS }, (_, n) => comments.update(id, `edit ${n}`)),
    ...Array.from({ length: COMMENTS }, (_, n) => comments.create(1, `comment ${n}`)),
  ]
  let open = calls.length
  for (const call of calls) void call.catch(() => {}).finally(() => open--)
  while (open > 0 && clock.now() < startedAt + LONGEST_MS) {
    const before = shop.github.calls.length
    await new Promise((resolve) => setTimeout(resolve, 20))
    // Time goes on only while no request is under way.
    if (shop.github.calls.length === before && open > 0) await clock.advance(1_000)
  }
  const ends = await Promise.allSettled(calls)
  return {
    tookMs: clock.now() - startedAt,
    refused: shop.github.calls.filter(({ status }) => status === 403).length,
    failed: ends.filter(({ status }) => status === 'rejected').length,
    made: shop.github.calls.filter(({ method, status }) => method === 'POST' && status === 201).length - 1,
  }
}

describe('a burst beyond what GitHub allows in a minute', () => {
  test('is spread over minutes by the budget, and meets no refusal', async () => {
    const { tookMs, ...seen } = await burst(repository())
    expect(seen).toEqual({ refused: 0, failed: 0, made: COMMENTS + 1 })
    expect(tookMs).toBeGreaterThanOrEqual(60_000)
    expect(tookMs).toBeLessThan(180_000)
  })

  test('is refused without the budget', async () => {
    const throttle = createThrottle({ clock, points: { take: async () => () => {} } })
    expect((await burst(repository(throttle))).refused).toBeGreaterThan(0)
  })
})
