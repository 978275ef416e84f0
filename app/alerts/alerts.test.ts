import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { createFakeClock, type FakeClock } from '../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { microUsd, microUsdFromUsd } from '../../ports/money.ts'
import type { Store } from '../../ports/store.ts'
import { alertsOf, type Watched } from './alerts.ts'
import { type AlertParts, watchAlerts } from './watch-alerts.ts'

const quiet: Watched = {
  now: Date.UTC(2026, 10, 21, 12),
  budget: { perDayMicroUsd: microUsdFromUsd(10), perMonthMicroUsd: microUsdFromUsd(100) },
  todayMicroUsd: microUsd(0),
  monthMicroUsd: microUsd(0),
  swept: null,
  billing: null,
  withoutGpu: [],
}

describe('alerts', () => {
  it.each<[string, Partial<Watched>, string[]]>([
    ['a quiet day says nothing', {}, []],
    ['79 % says nothing', { todayMicroUsd: microUsdFromUsd(7.99) }, []],
    ['80 % is told once a day', { todayMicroUsd: microUsdFromUsd(8) }, ['budget-day-80/2026-11-21']],
    ['100 % is told instead', { todayMicroUsd: microUsdFromUsd(10) }, ['budget-day-100/2026-11-21']],
    ['a month has its own', { monthMicroUsd: microUsdFromUsd(100) }, ['budget-month-100/2026-11']],
    ['a swept leak', { swept: { count: 3, pod: 'devloop-x' } }, ['leak/devloop-x']],
    [
      'a bill that fits says nothing',
      { billing: { at: quiet.now, isAlarming: false, ledgerMicroUsd: microUsd(1), billedMicroUsd: microUsd(1) } },
      [],
    ],
    [
      'a bill that does not fit',
      { billing: { at: quiet.now, isAlarming: true, ledgerMicroUsd: microUsd(1), billedMicroUsd: microUsd(9) } },
      ['billing/2026-11-21'],
    ],
    ['no GPU', { withoutGpu: [{ jobId: 'a', model: 'm' }] }, ['no-capacity/2026-11-21T12']],
  ])('%s', (_name, over, keys) => {
    expect(alertsOf({ ...quiet, ...over }).map(({ key }) => key)).toEqual(keys)
  })

  it('say what came and what it means', () => {
    const [alert] = alertsOf({ ...quiet, todayMicroUsd: microUsdFromUsd(8.5) })
    expect(alert?.text).toBe('Budget nearly reached: $8.50 of the $10.00 for this day are spent.')
  })
})

describe('the watch', () => {
  let clock: FakeClock
  let store: Store
  const sent: { url: string; body: unknown }[] = []
  const ids: (string | null)[] = []
  const over = { fails: 0 }

  beforeEach(() => {
    clock = createFakeClock()
    store = createMemoryStore({ clock })
    sent.length = 0
    ids.length = 0
    over.fails = 0
  })
  const begin = (signal: AbortSignal, replica = 1, send?: AlertParts['fetch']) =>
    watchAlerts(
      {
        store,
        clock,
        random: createSeededRandom(replica),
        log: { debug() {}, info() {}, error() {}, warn: (facts) => void sent.push({ url: 'log', body: facts }) },
        budget: quiet.budget,
        webhookUrl: 'https://hooks.test/secret-path',
        fetch: async (url, init) => {
          ids.push(new Headers(init.headers).get('idempotency-key'))
          if (send) return send(url, init)
          if (over.fails-- > 0) throw new TypeError(`fetch failed: ${url}`)
          sent.push({ url, body: JSON.parse(String(init.body)) })
          return { ok: true, status: 200 }
        },
      },
      signal,
    )

  it('tells an occasion once, however long it lasts and however many replicas look', async () => {
    await store.facts.set('fleet/swept', { count: 1, pod: 'devloop-x', at: 1 })
    const end = new AbortController()
    const watches = [begin(end.signal), begin(end.signal, 2)]
    await clock.advance(10 * 60_000)
    expect(sent).toEqual([
      {
        url: 'https://hooks.test/secret-path',
        body: { text: expect.stringContaining('Leak swept: the pod devloop-x') },
      },
    ])
    await store.facts.set('fleet/swept', { count: 2, pod: 'devloop-y', at: 2 })
    await clock.advance(2 * 60_000)
    expect(sent).toHaveLength(2)
    end.abort()
    await clock.advance(1)
    await Promise.all(watches)
  })

  it('tries again what could not be sent, and keeps the address out of the log', async () => {
    over.fails = 2
    await store.facts.set('fleet/swept', { count: 1, pod: 'devloop-x', at: 1 })
    const end = new AbortController()
    const watch = begin(end.signal)
    await clock.advance(5 * 60_000)
    expect(sent.map(({ url }) => url)).toEqual(['log', 'log', 'https://hooks.test/secret-path'])
    expect(JSON.stringify(sent.slice(0, 2))).not.toContain('secret-path')
    end.abort()
    await clock.advance(1)
    await watch
  })

  it.each<[string, () => Promise<{ ok: boolean; status: number }>, boolean]>([
    ['an answer that was lost', () => Promise.reject(new TypeError('fetch failed')), true],
    ['a proxy that answers 502', async () => ({ ok: false, status: 502 }), true],
    ['a webhook that refuses', async () => ({ ok: false, status: 403 }), false],
    [
      'nobody at the address',
      () =>
        Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) })),
      false,
    ],
  ])('after %s it is told again, as one that may have been heard only where it may', async (_why, fail, isUnsure) => {
    await store.facts.set('fleet/swept', { count: 1, pod: 'devloop-x', at: 1 })
    const end = new AbortController()
    const texts: string[] = []
    const watch = begin(end.signal, 1, (_url, init) => {
      texts.push(String(JSON.parse(String(init.body)).text))
      return texts.length === 1 ? fail() : Promise.resolve({ ok: true, status: 200 })
    })
    await clock.advance(20 * 60_000)
    expect(texts).toHaveLength(2)
    expect(texts[0]).toMatch(/^DevLoop: Leak swept/)
    expect(texts[1]).toMatch(isUnsure ? /^DevLoop, again \(.*\): Leak swept/ : /^DevLoop: Leak swept/)
    expect(ids[1] === ids[0]).toBe(isUnsure)
    expect(ids).not.toContain(null)
    end.abort()
    await clock.advance(1)
    await watch
  })

  it('is told by one replica, even while telling takes longer than its lease', async () => {
    await store.facts.set('fleet/swept', { count: 1, pod: 'devloop-x', at: 1 })
    const end = new AbortController()
    let asked = 0
    const slow = async () => {
      asked += 1
      await clock.sleep(200_000)
      return { ok: true, status: 200 }
    }
    const watches = [begin(end.signal, 1, slow), begin(end.signal, 2, slow)]
    await clock.advance(15 * 60_000)
    expect(asked).toBe(1)
    end.abort()
    await clock.advance(1)
    await Promise.all(watches)
  })

  it('is told by another when the one that had begun is gone', async () => {
    await store.facts.set('fleet/swept', { count: 1, pod: 'devloop-x', at: 1 })
    await store.facts.set('alert/leak/devloop-x', { at: clock.now(), telling: true })
    const end = new AbortController()
    const watch = begin(end.signal)
    await clock.advance(60_000)
    expect(sent).toEqual([])
    await clock.advance(6 * 60_000)
    expect(sent).toHaveLength(1)
    end.abort()
    await clock.advance(1)
    await watch
  })

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a pod that was swept',
      async () => store.facts.set('fleet/swept', { count: 4, pod: 'devloop-y', at: 1 }),
      /Leak swept: the pod devloop-y .* \(4 so far\)/,
    ],
    [
      'a bill that differs',
      async () => {
        const [ledgerMicroUsd, billedMicroUsd] = [1_000_000, 1_200_000]
        await store.facts.set('fleet/billing', { at: quiet.now, isAlarming: true, ledgerMicroUsd, billedMicroUsd })
      },
      /Ledger mismatch: we count \$1\.00, RunPod bills \$1\.20/,
    ],
    [
      'no GPU',
      async () =>
        store.demands.put({
          jobId: 'j1',
          repository: null,
          user: null,
          model: 'qwen3-coder:30b',
          load: { contextTokens: 8_192 },
          slotsWanted: 1,
          createdAt: clock.now(),
          expiresAt: clock.now() + 86_400_000,
          maxCostMicroUsd: microUsd(1),
          note: 'No GPU is to be had.',
          refused: null,
        }),
      /No capacity: 1 request\(s\) wait for a GPU, the first for qwen3-coder:30b/,
    ],
  ])('speaks of %s from what the store holds, once', async (_name, prepare, text) => {
    await prepare()
    const end = new AbortController()
    const watch = begin(end.signal)
    await clock.advance(20 * 60_000)
    expect(sent.map(({ body }) => body)).toEqual([{ text: expect.stringMatching(text) }])
    end.abort()
    await clock.advance(1)
    await watch
  })
})
