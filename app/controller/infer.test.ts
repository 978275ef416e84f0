import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { sampleJob } from '../../ports/contracts/samples.ts'
import { PodsError, StoreError } from '../../ports/errors.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import type { EngineDemand, Engines } from '../../ports/model.ts'
import { microUsd, microUsdFromUsd } from '../../ports/money.ts'
import { type EmulatedOllama, startOllama } from '../../sandbox/ollama/start.ts'
import {
  type ControllerBench,
  type ControllerWish,
  createControllerBench,
  enginesAt,
  MODEL,
} from './__support__/controller-bench.ts'

let ollama: EmulatedOllama
const open: ControllerBench[] = []
const answerShape = z.looseObject({ id: z.string(), output: z.string(), code: z.string() }).partial()
const pageShape = z.object({ jobs: z.array(z.looseObject({ id: z.string() })), nextCursor: z.string().nullable() })
const read = async (answer: Response) => answerShape.parse(await answer.json())

beforeAll(async () => {
  ollama = await startOllama({ models: [MODEL] })
})
afterAll(async () => {
  for (const bench of open) await bench.close()
  await ollama.stop()
})

async function setUp(wish: Partial<ControllerWish> = {}) {
  const bench = createControllerBench({ engines: enginesAt(ollama.url), ...wish })
  // Under virtual time nobody wakes what is still to be written.
  if (wish.clock === undefined) open.push(bench)
  const { key } = await bench.key(['infer', 'read', 'control'], 'agent')
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    bench.app.request(path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  return { ...bench, secret: key, send, infer: (body: unknown, headers = {}) => send('POST', '/infer', body, headers) }
}

const askWith = async (app: ControllerBench['app'], key: string, body: unknown, headers: Record<string, string>) =>
  app.request('/infer', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('POST /infer', () => {
  it('answers with what it used, took and cost, and leaves one line in the log of jobs', async () => {
    const { infer, usage, store } = await setUp()
    const answer = await infer({ prompt: 'hello', system: 'be brief', options: { seed: 1 } })
    expect(answer.status).toBe(200)
    const said = await read(answer)
    expect(said).toEqual({
      id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      model: MODEL,
      output: expect.stringMatching(/./),
      usage: { promptTokens: expect.any(Number), completionTokens: expect.any(Number) },
      timing: { queueMs: 0, spinUpMs: expect.any(Number), inferMs: expect.any(Number) },
      cost: { usd: 0 },
    })
    await usage.drain()
    const [row] = await store.jobs.list({}, 5)
    expect(row).toMatchObject({ id: said.id, state: 'done', outcome: 'answered', requestedBy: 'key:agent' })
    expect(JSON.stringify(row)).not.toContain('hello')
  })

  it('streams pieces that join to the answer', async () => {
    const { infer } = await setUp()
    const whole = await read(await infer({ prompt: 'hello' }))
    const answer = await infer({ prompt: 'hello', stream: true })
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await answer.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const pieces = lines.flatMap(({ piece }) => piece ?? [])
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.join('')).toBe(whole.output)
    expect(lines.at(-1)).toMatchObject({ output: whole.output, model: MODEL })
  })

  it('tells a failure in the stream as its last line', async () => {
    const { infer } = await setUp()
    const lines = (await (await infer({ prompt: 'x', model: 'nobody:1b', stream: true })).text()).trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ error: { code: 'model-missing' } })
  })

  it('answers a repeat with the same Idempotency-Key from memory, and refuses the key with another request', async () => {
    const { infer } = await setUp()
    const header = { 'idempotency-key': 'one' }
    const first = await (await infer({ prompt: 'hello' }, header)).json()
    const calls = ollama.calls.length
    expect(await (await infer({ prompt: 'hello' }, header)).json()).toEqual(first)
    expect(ollama.calls.length).toBe(calls)
    const other = await infer({ prompt: 'other' }, header)
    expect([other.status, (await read(other)).code]).toEqual([422, 'idempotency-key-reused'])
    const asynchronous = await infer({ prompt: 'hello' }, { ...header, prefer: 'respond-async' })
    expect(asynchronous.status).toBe(422)
    expect((await infer({ prompt: 'hello' }, { 'idempotency-key': 'x'.repeat(201) })).status).toBe(400)
  })

  it('refuses a repeat while the first still runs', async () => {
    const gate = Promise.withResolvers<void>()
    const fixed = enginesAt(ollama.url)
    const { infer } = await setUp({
      engines: { acquire: (demand) => gate.promise.then(() => fixed.acquire(demand)) },
    })
    const first = infer({ prompt: 'hello' }, { 'idempotency-key': 'two' })
    await new Promise((resolve) => setImmediate(resolve))
    const repeat = await infer({ prompt: 'hello' }, { 'idempotency-key': 'two' })
    expect([repeat.status, repeat.headers.get('retry-after')]).toEqual([409, '2'])
    gate.resolve()
    expect((await first).status).toBe(200)
  })

  it('is one request on two replicas: refused there while it runs here, then answered from the store', async () => {
    const gate = Promise.withResolvers<void>()
    const fixed = enginesAt(ollama.url)
    const engines = { acquire: (demand: EngineDemand) => gate.promise.then(() => fixed.acquire(demand)) }
    const here = await setUp({ engines })
    const there = await setUp({ engines, store: here.store, seed: 8 })
    const header = { 'idempotency-key': 'over' }
    // Whichever was faster runs it; nobody else's key counts.
    const asked = [here, there].map(({ app }) => askWith(app, here.secret, { prompt: 'hello' }, header))
    const first = await Promise.race(asked)
    expect([first.status, first.headers.get('retry-after'), (await read(first)).code]).toEqual([
      409,
      '2',
      'in-progress',
    ])
    const other = await askWith(there.app, here.secret, { prompt: 'other' }, header)
    expect([other.status, (await read(other)).code]).toEqual([422, 'idempotency-key-reused'])
    const calls = ollama.calls.length
    gate.resolve()
    const statuses = (await Promise.all(asked)).map(({ status }) => status).sort()
    expect(statuses).toEqual([200, 409])
    for (const { app } of [here, there])
      expect((await askWith(app, here.secret, { prompt: 'hello' }, header)).status).toBe(200)
    expect(ollama.calls.length).toBe(calls + 1)
    expect((await askWith(there.app, there.secret, { prompt: 'hello' }, header)).status).toBe(200)
    expect(ollama.calls.length).toBe(calls + 2)
  })

  it('may be sent again at once after a failure, and a minute after its process died', async () => {
    const clock = createFakeClock()
    const dead = new PodsError({ code: 'no-capacity', owner: 'retry', message: 'None.', remedy: 'Wait.' })
    let acquire: Engines['acquire'] = () => Promise.reject(dead)
    const engines: Engines = { acquire: (demand, signal) => acquire(demand, signal) }
    const { infer, store, secret } = await setUp({ clock, engines })
    const header = { 'idempotency-key': 'again' }
    expect((await infer({ prompt: 'hello' }, header)).status).toBe(503)
    acquire = () => new Promise(() => {})
    void infer({ prompt: 'hello' }, header)
    await clock.advance(1)
    // It is renewed as long as it runs.
    await clock.advance(10 * 60_000)
    expect((await infer({ prompt: 'hello' }, header)).status).toBe(409)
    for (const [name, value] of await store.facts.listByPrefix('idempotency/'))
      await store.facts.set(name, { ...(value as object), claim: { holder: 'gone', until: 0 } })
    const next = await setUp({ store, seed: 8 })
    expect((await askWith(next.app, secret, { prompt: 'hello' }, header)).status).toBe(200)
  })

  it('answers the repeat of a stream with the whole answer as one piece', async () => {
    const { infer } = await setUp()
    const header = { 'idempotency-key': 'stream' }
    const lines = async () => (await (await infer({ prompt: 'hello', stream: true }, header)).text()).trim().split('\n')
    const first = await lines()
    const calls = ollama.calls.length
    const again = await lines()
    expect(again).toHaveLength(2)
    expect(again.at(-1)).toBe(first.at(-1))
    expect(JSON.parse(again[0] ?? '')).toEqual({ piece: JSON.parse(first.at(-1) ?? '').output })
    expect(ollama.calls.length).toBe(calls)
    expect((await infer({ prompt: 'hello' }, header)).status).toBe(422)
  })

  it('remembers an answer for a day and drops what is older', async () => {
    const clock = createFakeClock()
    const { infer, store } = await setUp({ clock })
    await infer({ prompt: 'hello' }, { 'idempotency-key': 'old' })
    clock.jump(25 * 3_600_000)
    expect((await infer({ prompt: 'other' }, { 'idempotency-key': 'old' })).status).toBe(200)
    clock.jump(25 * 3_600_000)
    await infer({ prompt: 'hello' }, { 'idempotency-key': 'new' })
    expect((await store.facts.listByPrefix('idempotency/')).size).toBe(1)
  })

  it('with Prefer: respond-async makes one job and says where it is', async () => {
    const { infer, asked } = await setUp()
    const headers = { prefer: 'respond-async, wait=5', 'idempotency-key': 'job' }
    const answers = [
      await infer({ prompt: 'later', maxCostUsd: 0.5 }, headers),
      await infer({ prompt: 'later', maxCostUsd: 0.5 }, headers),
    ]
    const [first, second] = await Promise.all(answers.map(read))
    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    expect(second).toEqual(first)
    expect(answers[0]?.headers.get('location')).toBe(`/jobs/${first?.id}`)
    expect(asked).toEqual([
      { prompt: 'later', model: MODEL, maxCostUsd: 0.5, maxCostMicroUsd: 500_000, requestedBy: 'key:agent' },
    ])
  })

  it.each([
    ['an unknown model', { model: 'nobody:1b' }, {}, 404, 'model-missing'],
    ['a window larger than loaded', { options: { num_ctx: 1_000_000 } }, {}, 422, 'too-long'],
    ['a spent budget', {}, { remainingOf: async () => microUsd(0) }, 402, 'budget-reached'],
    [
      'no GPU',
      {},
      failing(new PodsError({ code: 'no-capacity', owner: 'retry', message: 'None.', remedy: 'Wait.' })),
      503,
      'no-capacity',
    ],
    [
      'an empty account',
      {},
      failing(new PodsError({ code: 'no-balance', owner: 'operator', message: 'Empty.', remedy: 'Pay.' })),
      402,
      'no-balance',
    ],
    [
      'a reached cap',
      {},
      failing(new StoreError({ code: 'budget-reached', owner: 'user', message: 'Cap.', remedy: 'Raise.' })),
      402,
      'budget-reached',
    ],
    ['a dead engine', {}, { engines: enginesAt('http://127.0.0.1:1') }, 503, 'not-ready'],
    ['a bug', {}, failing(new Error('boom /srv/secret.ts')), 500, 'internal'],
  ])('refuses %s', async (_name, over, wish, status, code) => {
    const { infer } = await setUp(wish)
    const answer = await infer({ prompt: 'x', ...over })
    const told = await read(answer)
    expect([answer.status, told.code]).toEqual([status, code])
    expect(answer.headers.get('retry-after') !== null).toBe(status === 503)
    expect(JSON.stringify(told)).not.toContain('boom')
  })

  it('ends a request that reached its own limit, and only that one', async () => {
    const clock = createFakeClock()
    let sent = 0
    const never: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        sent += 1
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true })
      })
    const engines = enginesAt('http://engine.test', microUsdFromUsd(0.72))
    const { infer } = await setUp({ clock, engines, fetch: never })
    const states: string[] = []
    const small = infer({ prompt: 'x', maxCostUsd: 0.01 }).then(async (answer) => states.push(`small ${answer.status}`))
    const large = infer({ prompt: 'y' }).then((answer) => states.push(`large ${answer.status}`))
    await clock.runUntil(() => sent === 2)
    await clock.advance(49_000)
    expect(states).toEqual([])
    await clock.advance(2_000)
    await small
    expect(states).toEqual(['small 402'])
    await clock.advance(3 * 3_600_000)
    await large
    expect(states).toEqual(['small 402', 'large 402'])
  })
})

describe('GET /jobs', () => {
  it('gives every job once, newest first, over any number of pages', async () => {
    const { send, store } = await setUp()
    for (let number = 1; number <= 25; number++) await store.jobs.create(sampleJob(number, { kind: 'infer' }))
    const ids: string[] = []
    for (let path: string | undefined = '/jobs?limit=10'; path !== undefined; ) {
      const page: z.infer<typeof pageShape> = pageShape.parse(await (await send('GET', path)).json())
      ids.push(...page.jobs.map((job) => job.id))
      path = page.nextCursor === null ? undefined : `/jobs?limit=10&cursor=${page.nextCursor}`
    }
    expect(ids).toHaveLength(25)
    expect(ids).toEqual([...new Set(ids)].sort().reverse())
    expect(await (await send('GET', '/jobs?kind=review')).json()).toEqual({ jobs: [], nextCursor: null })
  })

  it.each(['limit=0', 'limit=101', 'limit=x', 'cursor=../etc', 'kind=none', 'state=lost'])(
    'refuses ?%s',
    async (query) => {
      const { send } = await setUp()
      expect((await send('GET', `/jobs?${query}`)).status).toBe(422)
    },
  )

  it('shows one job, cancels it, and knows no other', async () => {
    const { send, store } = await setUp()
    const job = sampleJob(1, { kind: 'infer' })
    await store.jobs.create(job)
    expect(await (await send('GET', `/jobs/${job.id}`)).json()).toMatchObject({
      id: job.id,
      state: 'queued',
      cost: { usd: 0 },
    })
    expect((await send('DELETE', `/jobs/${job.id}`)).status).toBe(202)
    expect((await store.jobs.find(job.id))?.cancelRequested).toBe(true)
    for (const id of ['01JD0000000000000000000099', 'x', '%2e%2e', "'; drop table jobs"])
      expect((await send('GET', `/jobs/${encodeURIComponent(id)}`)).status).toBe(404)
  })
})

describe('control', () => {
  it('passes wishes on to the fleet and says what becomes of them', async () => {
    const wishes: string[] = []
    const fleet = {
      start: async (model: string) => void wishes.push(`start ${model}`),
      stop: async () => void wishes.push('stop'),
      shutdown: async () => ({ left: wishes.push('shutdown') * 0 }),
    }
    const { send } = await setUp({ fleet })
    expect((await send('POST', '/control/start')).status).toBe(202)
    expect((await send('POST', '/control/start', { model: 'mistral:7b' })).headers.get('location')).toBe('/status')
    expect((await send('POST', '/control/stop')).status).toBe(202)
    expect(await (await send('POST', '/shutdown')).json()).toMatchObject({ state: 'gone' })
    expect(wishes).toEqual([`start ${MODEL}`, 'start mistral:7b', 'stop', 'shutdown'])
  })

  it('shuts down under running work only when told so twice', async () => {
    const { send } = await setUp({ running: 2 })
    const refused = await send('POST', '/shutdown')
    expect([refused.status, (await read(refused)).code]).toEqual([409, 'jobs-running'])
    expect((await send('POST', '/shutdown', { force: true })).status).toBe(200)
  })

  it('never says gone without the proof', async () => {
    const fleet = { start: async () => {}, stop: async () => {}, shutdown: async () => ({ left: 1 }) }
    const { send } = await setUp({ fleet })
    expect((await send('POST', '/shutdown')).status).toBe(504)
  })
})

function failing(error: Error): Partial<ControllerWish> {
  return { engines: { acquire: () => Promise.reject(error) } }
}
