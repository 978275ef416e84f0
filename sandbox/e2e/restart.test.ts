import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BUGGY_LINES, type OpenChange, openChange } from './__support__/open-change.ts'
import { said } from './__support__/said.ts'
import { type SandboxWorld, startSandboxWorld } from './__support__/sandbox-world.ts'
import { type ServerProcess, startServerProcess } from './__support__/start-server-process.ts'
import { checkOn } from './__support__/start-product.ts'
import { until } from './__support__/until.ts'

const LIMIT_MS = 120_000
/** Schedulers kill what has not ended ten seconds after SIGTERM. */
const PATIENCE_MS = 8_000

describe('a server that ends in the middle of a review', () => {
  let world: SandboxWorld
  let server: ServerProcess
  beforeEach(async () => {
    world = await startSandboxWorld()
    server = await start()
  })
  afterEach(async () => {
    server.kill('SIGTERM')
    await server.ended
    await world.stop()
  })

  async function start(): Promise<ServerProcess> {
    const started = await startServerProcess(world.variables)
    world.github.setWebhookUrl(world.registration, `${started.url}/api/github/webhooks`)
    return started
  }

  async function expectOneReview(change: OpenChange): Promise<void> {
    await until('the end of the review', () => isConcluded(change), 60_000)
    await until('the last pod to be gone', () => world.runpod.livePods().length === 0, 60_000)
    const { reviews, inline, comments } = said(change)
    expect([reviews.length, inline.length, comments.length]).toEqual([1, BUGGY_LINES.length, 1])
    expect(comments[0]?.body).toContain('Outcome **posted**')
    world.github.assertClean()
  }

  function isConcluded({ repository, headSha }: OpenChange): boolean {
    return checkOn(repository, headSha, 'devloop/review')?.status === 'completed'
  }

  it.each([
    ['while its pod starts', () => undefined, () => world.runpod.livePods().length > 0],
    [
      'while its review is on the way',
      () => world.github.addFault({ on: 'POST /repos/acme/shot/pulls/*/reviews', fault: 'latency', ms: 400, nth: 1 }),
      (change: OpenChange) => said(change).reviews.length > 0,
    ],
  ])(
    'by kill -9 %s: the next one finishes it, once',
    async (_when, prepare, isTime) => {
      const change = await openChange(world, 'acme/shot')
      prepare()
      change.ada.comment(change.number, '/devloop review')
      await until('the moment', () => isTime(change))
      server.kill('SIGKILL')
      await server.ended
      server = await start()
      await expectOneReview(change)
    },
    LIMIT_MS,
  )

  it(
    'by SIGTERM leaves within eight seconds what the next one goes on with',
    async () => {
      const change = await openChange(world, 'acme/told')
      change.ada.comment(change.number, '/devloop review')
      await until('a pod', () => world.runpod.livePods().length > 0)
      server.kill('SIGTERM')
      const tooLate = setTimeout(() => server.kill('SIGKILL'), PATIENCE_MS)
      expect(await server.ended).toBe(0)
      clearTimeout(tooLate)
      const asked = change.bob.comment(change.number, '/infer Who is there?')
      server = await start()
      // GitHub tried this delivery while nobody listened; its redelivery finds the next server.
      const lost = world.github.deliveries.findLast(({ event }) => event === 'issue_comment')
      world.github.duplicateDelivery(lost?.guid ?? '')
      await until('an answer', () => said(change).reactionsTo('issueComment', asked.id).includes('rocket'), 60_000)
      await until('the end of the review', () => isConcluded(change), 60_000)
      await until('the last pod to be gone', () => world.runpod.livePods().length === 0, 60_000)
      expect(said(change).reviews).toHaveLength(1)
      world.github.assertClean()
    },
    LIMIT_MS,
  )
})
