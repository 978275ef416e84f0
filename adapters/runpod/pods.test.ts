import nock from 'nock'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PodsError } from '../../ports/errors.ts'
import { createFakeClock, type FakeClock } from '../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import type { Fetch } from '../../ports/fetch.ts'
import { podName } from '../../ports/ids.ts'
import { type Log, silentLog } from '../../ports/log.ts'
import type { PodSpec } from '../../ports/pods.ts'
import { BalanceReader } from './balance.ts'
import { RunpodClient } from './client.ts'
import { RunpodMarket } from './market.ts'
import { RunpodPods } from './pods.ts'

const HOST = 'https://api.runpod.test'
const KEY = 'rpa_a_key_that_must_not_show'
const TOKEN = 'a-token-that-must-not-show'
const NEVER = new AbortController().signal
const SPEC: PodSpec = {
  name: podName.parse('devloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzzz-xabc'),
  candidate: { gpu: 'NVIDIA GeForce RTX 4090', cloud: 'SECURE', dataCenterIds: [] },
  image: 'ghcr.io/devloop/pod:1',
  diskGb: 40,
  env: { GUARD_TOKEN: TOKEN },
  httpPort: 8080,
  networkVolume: null,
  minCudaVersion: '12.4',
}
const POD = {
  id: 'pod1',
  name: SPEC.name,
  status: 'PROVISIONING',
  gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1 },
  cloud: 'SECURE',
  cost: 0.69,
  env: SPEC.env,
  createdAt: '2026-11-21T12:00:00Z',
}

let clock: FakeClock
let lines: string[]
let pods: RunpodPods
let market: RunpodMarket

beforeEach(() => {
  nock.disableNetConnect()
  clock = createFakeClock()
  lines = []
  const keep = (facts: unknown, sentence: string) => void lines.push(`${sentence} ${JSON.stringify(facts)}`)
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep }
  const world = { fetch, apiKey: () => KEY, clock, random: createSeededRandom(1), log }
  const client = new RunpodClient({ ...world, apiUrl: `${HOST}/v2`, timeoutMs: 300 })
  pods = new RunpodPods(client, 'https://{podId}-{port}.proxy.runpod.test')
  market = new RunpodMarket(client, new BalanceReader({ ...world, graphqlUrl: `${HOST}/graphql` }))
})

afterEach(() => {
  const pending = nock.pendingMocks()
  nock.cleanAll()
  nock.enableNetConnect()
  expect(pending).toEqual([])
  expect(lines.join('\n')).not.toMatch(/must.not.show/)
})

/** Lets retries run in virtual time and answers the error the call ends with. */
async function failureOf(call: Promise<unknown>): Promise<PodsError> {
  let end: { error: unknown } | undefined
  call.then(
    (value) => {
      end = { error: value }
    },
    (error: unknown) => {
      end = { error }
    },
  )
  while (end === undefined) {
    await clock.advance(30_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(end.error).toBeInstanceOf(PodsError)
  const error = end.error as PodsError
  expect(`${error.message} ${JSON.stringify(error.facts)} ${error.remedy}`).not.toMatch(/must.not.show/)
  return error
}

test('a create is one POST with key and body, and answers the pod without its env', async () => {
  nock(HOST, { reqheaders: { authorization: `Bearer ${KEY}` } })
    .post(
      '/v2/pods',
      (body) => body.gpu.count === 1 && body.disk === 40 && body.ports[0] === '8080/http' && body.mounts === undefined,
    )
    .reply(201, POD, { 'x-request-id': 'req_1' })
  const pod = await pods.create(SPEC, NEVER)
  expect(pod).toEqual({
    id: 'pod1',
    name: SPEC.name,
    status: 'PROVISIONING',
    gpuCount: 1,
    gpu: 'NVIDIA GeForce RTX 4090',
    cloud: 'SECURE',
    microUsdPerHour: 690_000,
    createdAt: Date.UTC(2026, 10, 21, 12),
  })
  expect(lines.join()).toContain('req_1')
})

const PROBLEM = { 'content-type': 'application/problem+json' }
const problem = (status: number, detail: string) => JSON.stringify({ title: 'Problem', status, detail })

test.each([
  [
    'capacity',
    400,
    problem(400, 'There are no longer any instances available with the requested specifications.'),
    'no-capacity',
  ],
  ['disk capacity', 400, problem(400, 'No instances found with enough disk space'), 'no-capacity'],
  ['a broken rule', 400, problem(400, 'minCudaVersion and allowedCudaVersions exclude each other'), 'rule-broken'],
  ['a wrong key', 401, problem(401, 'unauthorized'), 'unauthorized'],
  ['no balance', 402, problem(402, 'insufficient balance'), 'no-balance'],
  ['a forbidden pool', 403, problem(403, 'no access to this pool'), 'pool-forbidden'],
  ['an unknown template', 404, problem(404, 'template not found'), 'not-found'],
  ['a conflict', 409, problem(409, 'cluster member'), 'conflict'],
  ['a large body', 413, '', 'rule-broken'],
  [
    'a body off the schema',
    422,
    JSON.stringify({ title: 'Invalid', status: 422, detail: 'bad', errors: [`$: ${TOKEN} not allowed`] }),
    'rule-broken',
  ],
  ['a v1 error', 400, '{"message":"bad thing"}', 'rule-broken'],
  ['HTML', 502, '<html><body><h1>502 Bad Gateway</h1></body></html>', 'unknown-outcome'],
  ['an empty 500', 500, '', 'unknown-outcome'],
  ['a 500 that may have created', 500, problem(500, 'internal'), 'unknown-outcome'],
])('a create answered with %s is sent once and ends as that', async (_, status, body, code) => {
  nock(HOST).post('/v2/pods').once().reply(status, body, PROBLEM)
  const error = await failureOf(pods.create(SPEC, NEVER))
  expect(error.code).toBe(code)
  expect(error.facts.status).toBe(status)
})

test('a create without an answer in time, and one cut off, are unknown outcomes', async () => {
  const silent: Fetch = (_, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const slow = new RunpodClient({
    fetch: silent,
    apiUrl: HOST,
    apiKey: () => KEY,
    clock,
    random: createSeededRandom(1),
    log: silentLog,
    timeoutMs: 20,
  })
  expect((await failureOf(new RunpodPods(slow, '').create(SPEC, NEVER))).code).toBe('unknown-outcome')
  nock(HOST).post('/v2/pods').once().replyWithError('socket hang up')
  expect((await failureOf(pods.create(SPEC, NEVER))).code).toBe('unknown-outcome')
})

test('a 201 that cannot be read is an unknown outcome', async () => {
  nock(HOST).post('/v2/pods').reply(201, '<html>')
  expect((await failureOf(pods.create(SPEC, NEVER))).code).toBe('unknown-outcome')
  nock(HOST).post('/v2/pods').reply(201, { name: 'no id' })
  expect((await failureOf(pods.create(SPEC, NEVER))).code).toBe('unknown-outcome')
})

test('429 is waited out by the longest of its windows, for a create too', async () => {
  const startedAt = clock.now()
  nock(HOST)
    .post('/v2/pods')
    .reply(429, problem(429, 'slow down'), { 'retry-after': '3', RateLimit: '"minute";r=0;t=12, "hour";r=2800;t=1812' })
  nock(HOST).post('/v2/pods').reply(201, POD)
  const created = pods.create(SPEC, NEVER)
  let done = false
  void created.then(() => {
    done = true
  })
  while (!done) {
    await clock.advance(1_000)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(12_000)
})

test('a long wait is handed to the caller', async () => {
  nock(HOST).post('/v2/pods').reply(429, '', { 'retry-after': '1800' })
  const error = await failureOf(pods.create(SPEC, NEVER))
  expect([error.code, error.retryAfterMs]).toEqual(['rate-limited', 1_800_000])
})

test('a list follows its pages, with and without pagination, and fails as a whole', async () => {
  const page = (id: string, nextCursor: string | null) => ({
    pods: [{ ...POD, id }],
    pagination: { nextCursor, hasNextPage: nextCursor !== null },
  })
  nock(HOST).get('/v2/pods').query({ limit: '1000' }).reply(200, page('a', 'c2'))
  nock(HOST).get('/v2/pods').query({ limit: '1000', cursor: 'c2' }).reply(200, page('b', null))
  expect((await pods.list(NEVER)).map((pod) => pod.id)).toEqual(['a', 'b'])

  nock(HOST)
    .get('/v2/pods')
    .query(true)
    .reply(200, { pods: [{ ...POD, runtime: {} }] })
  expect(await pods.list(NEVER)).toHaveLength(1)

  nock(HOST).get('/v2/pods').query({ limit: '1000' }).reply(200, page('a', 'c2'))
  nock(HOST).get('/v2/pods').query({ limit: '1000', cursor: 'c2' }).times(3).reply(500, '')
  expect((await failureOf(pods.list(NEVER))).code).toBe('unavailable')

  nock(HOST).get('/v2/pods').query(true).twice().reply(200, page('a', 'same'))
  expect((await failureOf(pods.list(NEVER))).code).toBe('unreadable')
})

test('a DELETE leaves once, so that whoever sends it knows when, and 404 is told apart from success', async () => {
  nock(HOST).delete('/v2/pods/pod1').reply(500, '')
  expect((await failureOf(pods.terminate('pod1', NEVER))).code).toBe('unavailable')
  nock(HOST).delete('/v2/pods/pod1').reply(429, problem(429, 'slow down'), { 'retry-after': '7' })
  expect(await failureOf(pods.terminate('pod1', NEVER))).toMatchObject({ code: 'rate-limited', retryAfterMs: 7_000 })
  nock(HOST).delete('/v2/pods/pod1').reply(204)
  expect(await pods.terminate('pod1', NEVER)).toBe('accepted')
  nock(HOST).delete('/v2/pods/pod1').reply(404, problem(404, 'pod not found'))
  expect(await pods.terminate('pod1', NEVER)).toBe('absent')
  nock(HOST).delete('/v2/pods/pod1').reply(409, problem(409, 'cluster member'))
  expect((await failureOf(pods.terminate('pod1', NEVER))).code).toBe('conflict')
  nock(HOST).delete('/v2/pods/pod1').reply(403, problem(403, 'read only key'))
  expect((await failureOf(pods.terminate('pod1', NEVER))).code).toBe('unauthorized')
})

test('the proxy address is built from the template', () => {
  expect(pods.addressOf('abc', 8080)).toBe('https://abc-8080.proxy.runpod.test')
})

test('offers carry a price per cloud, and none where a cloud does not offer it', async () => {
  nock(HOST)
    .get('/v2/catalog/gpus')
    .query({ include: 'AVAILABILITY', product: 'POD', count: '1' })
    .reply(200, {
      gpus: [
        {
          id: 'A',
          memory: 24,
          secure: true,
          community: false,
          price: { secure: 0.69, community: 0.34 },
          availability: 'LOW',
        },
        { id: 'B', memory: 48, secure: true, community: true, price: { secure: 1.1, community: 0.9 } },
      ],
    })
  expect(await market.offers(NEVER)).toEqual([
    { gpu: 'A', memoryGb: 24, secureMicroUsdPerHour: 690_000, communityMicroUsdPerHour: null, stock: 'LOW' },
    { gpu: 'B', memoryGb: 48, secureMicroUsdPerHour: 1_100_000, communityMicroUsdPerHour: 900_000, stock: null },
  ])
})

test('bills are read in micro-dollars', async () => {
  nock(HOST)
    .get('/v2/billing/pods')
    .query((query) => query.bucketSize === 'hour' && query.startTime === '2026-11-21T00:00:00.000Z')
    .reply(200, {
      records: [
        { podId: 'p', startTime: '2026-11-21T00:00:00Z', endTime: '2026-11-21T01:00:00Z', totalAmount: 0.1234567 },
      ],
      metadata: {},
    })
  const from = Date.UTC(2026, 10, 21)
  expect(await market.billing({ from, to: from + 3_600_000 }, NEVER)).toEqual([
    { podId: 'p', startTime: from, endTime: from + 3_600_000, totalMicroUsd: 123_457 },
  ])
})

test('the balance is a number, null on GraphQL errors, and asked no more once the service is gone', async () => {
  nock(HOST)
    .post('/graphql')
    .reply(200, { data: { myself: { clientBalance: 12.5 } } })
  expect(await market.balance(NEVER)).toBe(12_500_000)
  nock(HOST)
    .post('/graphql')
    .reply(200, { errors: [{ message: 'no' }] })
  expect(await market.balance(NEVER)).toBeNull()
  nock(HOST).post('/graphql').reply(410, 'gone')
  expect(await market.balance(NEVER)).toBeNull()
  expect(await market.balance(NEVER)).toBeNull()
})
