import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGithubApp } from '../adapters/github/github-app.ts'
import { createMemoryQueue } from '../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { remember } from '../app/webhooks/remember.ts'
import { createSeededRandom } from '../ports/fakes/seeded-random.ts'
import { commitSha, installationId, repositoryName } from '../ports/ids.ts'
import { silentLog } from '../ports/log.ts'
import { type Shop, startShop } from '../sandbox/github/__support__/start-shop.ts'
import { evaluatePullRequest } from './governance-pull-request.ts'
import { createPlanCache } from './snapshot/plan-sides.ts'

const NAME = repositoryName.parse('acme/shop')
const VANISHED = 'f'.repeat(40)

describe('where a pull request stands', () => {
  let shop: Shop
  let number: number
  let first: string
  let head: string
  let rounds = 0
  /** What happens at GitHub right before a call is answered. */
  let meanwhile: (path: string) => Promise<void>
  beforeAll(async () => {
    shop = await startShop()
    first = await shop.bob.push('topic', { 'src/a.ts': 'one\n' }, 'One', { from: 'main' })
    number = (await shop.bob.openPullRequest({ title: 'Shout', body: '', head: 'topic', base: 'main' })).number
  })
  beforeEach(async () => {
    meanwhile = async () => {}
    head = await shop.bob.push('topic', { 'src/a.ts': `${++rounds}\n` }, 'A head that nobody judged')
  })
  afterEach(() => shop.github.assertClean())
  afterAll(() => shop.stop())

  const store = () => createMemoryStore({ clock: systemClock })
  function parts(memory = store()) {
    const github = createGithubApp({
      fetch: async (input, init) => {
        await meanwhile(new URL(String(input)).pathname)
        return fetch(input, init)
      },
      baseUrl: shop.github.url,
      clock: systemClock,
      appId: shop.registration.id,
      privateKey: shop.registration.privateKeyPem,
    })
    return {
      github,
      store: memory,
      queue: createMemoryQueue({ clock: systemClock }),
      clock: systemClock,
      random: createSeededRandom(1),
      log: silentLog,
      cache: createPlanCache(),
      verdictUrl: () => null,
    }
  }
  async function knowing(place: { headSha: string; baseRef?: string; isOpen?: boolean }) {
    const memory = store()
    const { headSha, baseRef = 'main', isOpen = true } = place
    const at = '2026-01-01T00:00:00Z'
    const fact = { kind: 'place', number, headSha: commitSha.parse(headSha), baseRef, isOpen, at } as const
    await remember(memory.facts, NAME, fact)
    return parts(memory)
  }
  const ref = () => ({ installationId: installationId.parse(shop.installation.id), name: NAME })
  /** The calls of one evaluation about the pull request itself, and about anything else. */
  async function judge(world: ReturnType<typeof parts>) {
    shop.github.resetCalls()
    const end = await evaluatePullRequest(world, ref(), number)
    const asked = shop.github.calls.map(({ method, path }) => `${method} ${path.split('?')[0]?.slice(16) ?? ''}`)
    const [stored] = await world.store.governance.listVerdicts(NAME, 1)
    return { end, asked, judged: stored?.headSha }
  }

  test('is read once, after all that lies around it and right before its check is written', async () => {
    const { asked, judged, end } = await judge(await knowing({ headSha: head }))
    expect(end?.written).toBe(true)
    expect(judged).toBe(head)
    const about = asked.filter((call) => call.includes('/'))
    const last = about.findLastIndex((call) => call.startsWith('GET'))
    expect(about.slice(last)).toEqual(['GET /pulls', 'POST /check-runs'])
    expect(about.filter((call) => call.startsWith('GET /compare'))).toHaveLength(1)
  })

  test.each([
    ['nobody said', undefined],
    ['an old head was said', { isOld: true }],
    ['a head was said that is no longer there', { headSha: VANISHED }],
    ['another base was said', { baseRef: 'elsewhere' }],
    ['it was said to be closed', { isOpen: false }],
  ])('is found out where %s', async (_, said) => {
    const place = said && { headSha: 'isOld' in said ? first : head, ...said }
    const { judged, asked } = await judge(place === undefined ? parts() : await knowing(place))
    expect(judged).toBe(head)
    expect(asked.filter((call) => call.startsWith('POST /check-runs'))).toHaveLength(1)
  })

  test('is looked at again when it moved meanwhile: what was read around the old head is not judged', async () => {
    const world = await knowing({ headSha: head })
    let next = ''
    meanwhile = async (path) => {
      if (next !== '' || !path.endsWith('/reviews')) return
      next = 'under way'
      next = await shop.bob.push('topic', { 'src/a.ts': 'moved\n' }, 'Move')
    }
    const { judged, asked } = await judge(world)
    head = next
    expect(judged).toBe(next)
    expect(asked.filter((call) => call.startsWith('POST /check-runs'))).toHaveLength(1)
  })

  test('is left to its own events while it moves faster than it can be read', async () => {
    const world = await knowing({ headSha: head })
    let pushes = 0
    meanwhile = async (path) => {
      if (path.includes('/compare/')) head = await shop.bob.push('topic', { 'src/a.ts': `${pushes++}\n` }, 'Move')
    }
    const { end, judged } = await judge(world)
    expect([end, judged, pushes]).toEqual([undefined, undefined, 4])
    expect((await world.queue.depth()).governance.waiting).toBe(1)
  })

  test('is not judged by who stood still while another began', async () => {
    const world = await knowing({ headSha: head })
    let isOther = false
    meanwhile = async (path) => {
      if (isOther || !path.endsWith('/pulls')) return
      isOther = true
      await evaluatePullRequest({ ...world, random: createSeededRandom(2) }, ref(), number)
    }
    const { end, asked } = await judge(world)
    expect(end?.written).toBe(false)
    expect(asked.filter((call) => call.startsWith('POST /check-runs')).length).toBeLessThanOrEqual(1)
    expect(await world.store.governance.listVerdicts(NAME, 5)).toHaveLength(1)
  })

  test('does not matter once it is closed, and nobody looks around there', async () => {
    await shop.bob.update(number, { state: 'closed' })
    const { end, asked } = await judge(await knowing({ headSha: head, isOpen: false }))
    expect(end).toBeUndefined()
    expect(asked.filter((call) => call.includes('/compare/'))).toEqual([])
  })
})
