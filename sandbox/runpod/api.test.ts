import { afterEach, describe, expect, test } from 'vitest'
import type { RunpodFault } from './faults.ts'
import type { RunpodOptions } from './settings.ts'
import { type EmulatedRunpod, startRunpod } from './start.ts'

let running: EmulatedRunpod | undefined

afterEach(() => running?.stop())

async function start(options: RunpodOptions = {}): Promise<EmulatedRunpod> {
  running = await startRunpod({ podRuntime: 'none', ...options })
  return running
}

const gpu = { id: 'NVIDIA GeForce RTX 4090', count: 1 }
const body = { name: 'devloop-a', image: 'ghcr.io/someone/devloop-pod:1', gpu, disk: 40, ports: ['8080/http'] }

interface PodReply {
  readonly id: string
  readonly status: string
  readonly cost: number
  readonly gpu: { readonly count: number }
  readonly detail: string
  readonly errors?: readonly string[]
  readonly actions: readonly string[]
}

function call(
  runpod: EmulatedRunpod,
  method: string,
  path: string,
  json?: unknown,
  key = runpod.apiKey,
  patienceMs = 10_000,
) {
  return fetch(`${runpod.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(patienceMs),
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
}

async function create(runpod: EmulatedRunpod, more: object = {}): Promise<PodReply> {
  return (await call(runpod, 'POST', '/pods', { ...body, ...more })).json() as Promise<PodReply>
}

async function listed(runpod: EmulatedRunpod): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const reply = (await (await call(runpod, 'GET', '/pods')).json()) as { pods: { id: string; name: string }[] }
  return reply.pods
}

async function statusOf(runpod: EmulatedRunpod, id: string): Promise<string> {
  const reply = await call(runpod, 'GET', `/pods/${id}`)
  return reply.ok ? ((await reply.json()) as PodReply).status : String(reply.status)
}

describe('the walk of a pod', () => {
  test('goes PROVISIONING, STARTING, RUNNING, EXITED, and 404 once terminated', async () => {
    const runpod = await start({ boot: { provisioningMs: 10_000, startingMs: 10_000 } })
    const { id, status } = await create(runpod)
    expect(status).toBe('PROVISIONING')
    runpod.advance(10_000)
    expect(await statusOf(runpod, id)).toBe('STARTING')
    runpod.advance(10_000)
    expect(await statusOf(runpod, id)).toBe('RUNNING')
    const stopped = (await (await call(runpod, 'POST', `/pods/${id}/action`, { action: 'stop' })).json()) as PodReply
    expect(stopped).toMatchObject({ status: 'EXITED', cost: 0, actions: ['start', 'terminate'] })
    expect((await call(runpod, 'POST', `/pods/${id}/action`, { action: 'stop' })).status).toBe(409)
    expect((await call(runpod, 'DELETE', `/pods/${id}`)).status).toBe(204)
    expect(await statusOf(runpod, id)).toBe('404')
    expect(await listed(runpod)).toEqual([])
  })

  test.each([
    ['stuck-provisioning', 'PROVISIONING', 1],
    ['stuck-starting', 'STARTING', 1],
    ['error', 'ERROR', 1],
    ['exits', 'EXITED', 1],
    ['zero-gpu', 'RUNNING', 0],
    ['slow-boot', 'STARTING', 1],
  ] as const)('boot fault %s ends in %s with %i GPU', async (fault, status, gpus) => {
    const runpod = await start({ faults: [{ after: 'boot', fault }] })
    const { id } = await create(runpod)
    runpod.advance(30_000)
    const pod = (await (await call(runpod, 'GET', `/pods/${id}`)).json()) as PodReply
    expect([pod.status, pod.gpu.count]).toEqual([status, gpus])
    expect(runpod.billing()[0]?.costMicroUsd).toBeGreaterThan(0)
  })

  test('names are not unique', async () => {
    const runpod = await start()
    await create(runpod)
    await create(runpod)
    expect((await listed(runpod)).map((pod) => pod.name)).toEqual(['devloop-a', 'devloop-a'])
  })

  test('env comes back in clear text', async () => {
    const runpod = await start()
    expect(await create(runpod, { env: { GUARD_TOKEN: 'open' } })).toMatchObject({ env: { GUARD_TOKEN: 'open' } })
  })
})

describe('refusals of a create', () => {
  test.each([
    ['no key', {}, 401, undefined],
    ['an unknown field', { volumeInGb: 20 }, 422, /additional properties 'volumeInGb' not allowed/],
    ['a wrong type', { disk: '40' }, 422, /disk/],
    ['a malformed image', { image: 'not an image' }, 422, /image/],
    ['gpu.count left out', { gpu: { id: gpu.id } }, 400, /no longer any instances/],
    ['COMMUNITY with data centres', { cloud: 'COMMUNITY', dataCenterIds: ['EU-RO-1'] }, 400, /no longer any instances/],
    ['a GPU not offered there', { gpu: { id: 'NVIDIA L4', count: 1 }, cloud: 'COMMUNITY' }, 400, /no longer any/],
    ['an unknown GPU', { gpu: { id: 'RTX 9090', count: 1 } }, 400, /does not exist/],
    ['gpu and cpu', { cpu: { id: 'cpu3c', vcpuCount: 2 } }, 400, /exactly one/],
    [
      'both mounts',
      { mounts: { persistent: { size: 20, path: '/a' }, network: [{ volumeId: 'x', path: '/b' }] } },
      400,
      /exclude/,
    ],
    ['an unknown volume', { mounts: { network: [{ volumeId: 'x', path: '/b' }] } }, 404, /volume x/],
    ['an unknown template', { templateId: 'none' }, 404, /template/],
    ['a body over 100 KiB', { env: { big: 'x'.repeat(102_400) } }, 413, /102400/],
  ])('%s', async (name, more, status, detail) => {
    const runpod = await start()
    const reply = await call(runpod, 'POST', '/pods', { ...body, ...more }, name === 'no key' ? 'wrong' : undefined)
    const problem = (await reply.json()) as PodReply
    expect(reply.status).toBe(status)
    expect(reply.headers.get('content-type')).toBe('application/problem+json')
    if (detail !== undefined) expect(`${problem.detail} ${problem.errors?.join(' ')}`).toMatch(detail)
    expect(runpod.livePods()).toEqual([])
  })

  test('a GPU pool that the account may not use answers 403', async () => {
    const runpod = await start({ closedGpus: [gpu.id] })
    expect((await call(runpod, 'POST', '/pods', body)).status).toBe(403)
    expect((await call(runpod, 'POST', '/pods', { ...body, gpu: { id: 'NVIDIA L4', count: 1 } })).status).toBe(201)
  })

  test('a balance below one hour answers 402, and a taken stock answers capacity', async () => {
    const poor = await start({ balanceUsd: 0.5 })
    expect((await call(poor, 'POST', '/pods', body)).status).toBe(402)
    await poor.stop()
    const offer = {
      id: gpu.id,
      name: 'RTX 4090',
      memoryGb: 24,
      pool: 'ADA_24',
      secureMicroUsd: 690_000,
      communityMicroUsd: null,
      stock: 1,
    }
    const small = await start({ gpus: [offer] })
    expect((await call(small, 'POST', '/pods', body)).status).toBe(201)
    expect((await call(small, 'POST', '/pods', body)).status).toBe(400)
  })

  test('fields newer than the stored document are taken', async () => {
    const runpod = await start()
    const more = {
      entrypoint: ['bash', '-c'],
      cmd: ['serve'],
      gpu: { ...gpu, minRamPerGpu: 16, minVcpuCountPerGpu: 4 },
    }
    expect((await call(runpod, 'POST', '/pods', { ...body, ...more })).status).toBe(201)
  })
})

describe('faults of a call', () => {
  const refusals: readonly (readonly [RunpodFault['fault'], number, RegExp])[] = [
    ['rate-limit', 429, /problem\+json/],
    ['unauthorized', 401, /problem\+json/],
    ['forbidden', 403, /problem\+json/],
    ['no-balance', 402, /problem\+json/],
    ['no-capacity', 400, /problem\+json/],
    ['no-disk', 400, /problem\+json/],
    ['html-502', 502, /text\/html/],
    ['html-520', 520, /text\/html/],
    ['empty-500', 500, /^$/],
    ['v1-error', 500, /application\/json/],
    ['server-error', 500, /problem\+json/],
  ]

  test.each(refusals)('%s answers %i and creates nothing', async (fault, status, type) => {
    const runpod = await start({ faults: [{ after: 'create', fault }] })
    const reply = await call(runpod, 'POST', '/pods', body)
    expect([reply.status, runpod.livePods().length]).toEqual([status, 0])
    expect(reply.headers.get('content-type') ?? '').toMatch(type)
    expect(reply.headers.get('x-request-id')).toMatch(/^req_/)
    if (status === 429) expect(reply.headers.get('retry-after')).toBe('1')
  })

  test.each([
    ['error-but-created', 500],
    ['html-but-created', 502],
    ['timeout-but-created', 'lost'],
    ['drop-but-created', 'lost'],
    ['bad-json', 201],
  ] as const)('%s leaves a pod that bills', async (fault, expected) => {
    const runpod = await start({ faults: [{ after: 'create', fault }] })
    const status = await call(runpod, 'POST', '/pods', body, undefined, 300).then(
      (reply) => reply.status,
      () => 'lost',
    )
    expect(status).toBe(expected)
    for (let turn = 0; turn < 1_000 && runpod.livePods().length === 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
    runpod.advance(3_600_000)
    expect(runpod.livePods()).toHaveLength(1)
    expect(runpod.billing()[0]?.costMicroUsd).toBeGreaterThanOrEqual(690_000)
  })

  test.each(['timeout', 'drop'] as const)('%s without effect creates nothing', async (fault) => {
    const runpod = await start({ faults: [{ after: 'create', fault }] })
    await expect(call(runpod, 'POST', '/pods', body, undefined, 300)).rejects.toThrow()
    expect(runpod.livePods()).toEqual([])
  })

  test.each([
    ['server-error', 500, 1],
    ['not-found', 404, 1],
    ['conflict', 409, 1],
    ['error-but-deleted', 500, 0],
  ] as const)('DELETE with %s answers %i and leaves %i pod', async (fault, status, left) => {
    const runpod = await start({ faults: [{ after: 'delete', fault }] })
    const { id } = await create(runpod)
    expect((await call(runpod, 'DELETE', `/pods/${id}`)).status).toBe(status)
    expect(runpod.livePods()).toHaveLength(left)
  })

  test('a start that finds no free GPU on its host answers 400 and stays EXITED', async () => {
    const runpod = await start({ faults: [{ after: 'action', fault: 'no-host-gpu', skip: 1 }] })
    const { id } = await create(runpod)
    await call(runpod, 'POST', `/pods/${id}/action`, { action: 'stop' })
    const reply = await call(runpod, 'POST', `/pods/${id}/action`, { action: 'start' })
    expect([reply.status, ((await reply.json()) as PodReply).detail]).toEqual([
      400,
      'There are not enough free GPUs on the host machine to start this pod.',
    ])
    expect(await statusOf(runpod, id)).toBe('EXITED')
  })

  test('a wrong body is told so even when its answer was to be hidden', async () => {
    const runpod = await start({ faults: [{ after: 'create', fault: 'error-but-created' }] })
    expect((await call(runpod, 'POST', '/pods', { ...body, gpu: { id: 'RTX 9090', count: 1 } })).status).toBe(400)
  })

  test('a slow answer comes late', async () => {
    const runpod = await start({ faults: [{ after: 'list', fault: 'slow', ms: 60_000 }] })
    const reply = call(runpod, 'GET', '/pods')
    for (let turn = 0; turn < 1_000 && runpod.calls.length === 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 2))
    expect(runpod.calls.at(-1)).toMatchObject({ fault: 'slow', status: 0 })
    runpod.advance(60_000)
    expect((await reply).status).toBe(200)
  })
})

describe('what lags', () => {
  test('a young pod is missing from lists and GET, and its DELETE answers 404 without effect', async () => {
    const chaos = { listLagMs: 5_000, getLagMs: 5_000, youngMs: 5_000, deleteMissesYoung: 1 }
    const runpod = await start({ chaos })
    const { id } = await create(runpod)
    expect(await listed(runpod)).toEqual([])
    expect(await statusOf(runpod, id)).toBe('404')
    expect((await call(runpod, 'DELETE', `/pods/${id}`)).status).toBe(404)
    expect(runpod.livePods()).toHaveLength(1)
    runpod.advance(5_000)
    expect((await listed(runpod)).map((pod) => pod.id)).toEqual([id])
    expect((await call(runpod, 'DELETE', `/pods/${id}`)).status).toBe(204)
  })

  test('a removed pod lingers in lists', async () => {
    const runpod = await start({ chaos: { listGhostMs: 5_000 } })
    const { id } = await create(runpod)
    await call(runpod, 'DELETE', `/pods/${id}`)
    expect(await listed(runpod)).toHaveLength(1)
    runpod.advance(5_000)
    expect(await listed(runpod)).toEqual([])
  })

  test('lists come in pages whose cursor loses nothing', async () => {
    const runpod = await start({ pageSize: 2, balanceUsd: 100 })
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const name of names) await create(runpod, { name })
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; page < 5; page += 1) {
      const reply = (await (await call(runpod, 'GET', `/pods?${cursor}`)).json()) as {
        pods: { name: string }[]
        pagination: { nextCursor: string | null; hasNextPage: boolean }
      }
      seen.push(...reply.pods.map((pod) => pod.name))
      if (!reply.pagination.hasNextPage) break
      cursor = `cursor=${reply.pagination.nextCursor}`
    }
    expect(seen).toEqual(names)
    expect((await call(runpod, 'GET', '/pods?limit=5000')).status).toBe(400)
    expect((await call(runpod, 'GET', '/pods?name=a')).status).toBe(200)
  })
})

describe('keys and limits', () => {
  test('a pod’s own key removes its own pod and nothing else', async () => {
    const runpod = await start()
    const first = await create(runpod)
    const second = await create(runpod)
    const key = await scopedKeyOf(runpod, first.id)
    expect((await call(runpod, 'GET', '/pods', undefined, key)).status).toBe(403)
    expect((await call(runpod, 'DELETE', `/pods/${second.id}`, undefined, key)).status).toBe(401)
    expect((await call(runpod, 'DELETE', `/pods/${first.id}`, undefined, key)).status).toBe(204)
    expect(runpod.livePods().map((pod) => pod.id)).toEqual([second.id])
  })

  test.each([
    ['stop', 403, 200],
    ['none', 403, 403],
  ] as const)(
    'a scoped key limited to "%s" answers %i to DELETE and %i to stop',
    async (scopedKey, deleted, stopped) => {
      const runpod = await start({ scopedKey })
      const { id } = await create(runpod)
      const key = await scopedKeyOf(runpod, id)
      expect((await call(runpod, 'DELETE', `/pods/${id}`, undefined, key)).status).toBe(deleted)
      expect((await call(runpod, 'POST', `/pods/${id}/action`, { action: 'stop' }, key)).status).toBe(stopped)
    },
  )

  test('the rate limit answers 429 with the longest wait and says what is left on every reply', async () => {
    const runpod = await start({ rateLimit: { perMinute: 2, perHour: 100 } })
    const first = await call(runpod, 'GET', '/pods')
    expect(first.headers.get('ratelimit')).toMatch(/^"minute";r=1;t=\d+, "hour";r=99;t=\d+$/)
    expect(first.headers.get('ratelimit-policy')).toBe('"minute";q=2;w=60, "hour";q=100;w=3600')
    await call(runpod, 'GET', '/pods')
    const third = await call(runpod, 'GET', '/pods')
    expect([third.status, Number(third.headers.get('retry-after')) > 50]).toEqual([429, true])
    runpod.advance(60_000)
    expect((await call(runpod, 'GET', '/pods')).status).toBe(200)
  })
})

async function scopedKeyOf(runpod: EmulatedRunpod, id: string): Promise<string> {
  const key = runpod.pods().find((pod) => pod.id === id)?.scopedKey
  expect(key).toMatch(/^rpa_POD/)
  return key ?? ''
}

describe('money', () => {
  test('hour buckets of a pod add up to its bill, and come late', async () => {
    const runpod = await start({ billingLagMs: 600_000 })
    const { id } = await create(runpod)
    runpod.advance(2.5 * 3_600_000)
    await call(runpod, 'DELETE', `/pods/${id}`)
    const total = async (): Promise<number> => {
      const reply = await call(runpod, 'GET', `/billing/pods?bucketSize=hour&podId=${id}`)
      const { records } = (await reply.json()) as { records: { totalAmount: number }[] }
      return records.reduce((sum, record) => sum + Math.round(record.totalAmount * 1e6), 0)
    }
    const exact = runpod.billing()[0]?.costMicroUsd ?? 0
    expect(await total()).toBeLessThan(exact - 2)
    runpod.advance(600_000)
    // Each of the three buckets is rounded by whoever reads it.
    expect(Math.abs((await total()) - exact)).toBeLessThanOrEqual(2)
    expect(runpod.spentMicroUsd()).toBe(exact)
  })

  test('an EXITED pod stops costing and a started one goes on', async () => {
    const runpod = await start()
    const { id } = await create(runpod)
    runpod.advance(3_600_000)
    await call(runpod, 'POST', `/pods/${id}/action`, { action: 'stop' })
    const paid = runpod.billing()[0]?.paidMs ?? 0
    runpod.advance(3_600_000)
    expect(runpod.billing()[0]?.paidMs).toBe(paid)
    await call(runpod, 'POST', `/pods/${id}/action`, { action: 'start' })
    runpod.advance(3_600_000)
    expect(runpod.billing()[0]?.paidMs).toBeGreaterThan(paid + 3_500_000)
  })

  test('a balance of zero terminates every pod', async () => {
    const runpod = await start({ balanceUsd: 0.7 })
    await create(runpod)
    runpod.advance(2 * 3_600_000)
    expect(runpod.livePods()).toEqual([])
  })

  test('GraphQL tells the balance, or is gone', async () => {
    const ask = async (runpod: EmulatedRunpod) =>
      fetch(runpod.graphqlUrl, {
        method: 'POST',
        headers: { authorization: `Bearer ${runpod.apiKey}` },
        body: JSON.stringify({ query: '{ myself { clientBalance currentSpendPerHr } }' }),
      })
    const runpod = await start({ balanceUsd: 10 })
    await create(runpod)
    const reply = (await (await ask(runpod)).json()) as { data: { myself: Record<string, number> } }
    expect(reply.data.myself.currentSpendPerHr).toBe(0.69)
    expect(reply.data.myself.clientBalance).toBeLessThanOrEqual(10)
    await runpod.stop()
    const gone = await ask(await start({ graphql: 'gone' }))
    expect([gone.status, gone.headers.get('content-type')]).toEqual([410, 'text/html'])
  })
})

describe('catalogue and volumes', () => {
  test('availability needs a product and follows the stock', async () => {
    const runpod = await start({ balanceUsd: 100 })
    expect((await call(runpod, 'GET', '/catalog/gpus?include=AVAILABILITY')).status).toBe(400)
    const level = async (): Promise<string> => {
      const reply = await call(runpod, 'GET', '/catalog/gpus?include=AVAILABILITY&product=POD')
      const { gpus } = (await reply.json()) as { gpus: { id: string; availability: string }[] }
      return gpus.find((found) => found.id === gpu.id)?.availability ?? ''
    }
    expect(await level()).toBe('HIGH')
    for (let count = 0; count < 8; count += 1) await create(runpod)
    expect(await level()).toBe('NONE')
    expect((await call(runpod, 'GET', '/catalog/datacenters?include=GPU_AVAILABILITY')).status).toBe(200)
    expect((await call(runpod, 'GET', `/catalog/gpus/${encodeURIComponent(gpu.id)}`)).status).toBe(200)
  })

  test('volumes only grow, need a data centre that has them, and SECURE cloud', async () => {
    const runpod = await start()
    const volume = { name: 'models', size: 30, dataCenter: 'EU-RO-1' }
    expect((await call(runpod, 'POST', '/network-volumes', { ...volume, dataCenter: 'US-KS-2' })).status).toBe(400)
    const { id } = (await (await call(runpod, 'POST', '/network-volumes', volume)).json()) as { id: string }
    expect((await call(runpod, 'PATCH', `/network-volumes/${id}`, { size: 20 })).status).toBe(400)
    expect((await call(runpod, 'PATCH', `/network-volumes/${id}`, { size: 40 })).status).toBe(200)
    const mounts = { network: [{ volumeId: id, path: '/workspace' }] }
    expect((await call(runpod, 'POST', '/pods', { ...body, mounts })).status).toBe(201)
    expect((await call(runpod, 'POST', '/pods', { ...body, mounts, cloud: 'COMMUNITY' })).status).toBe(400)
    expect((await call(runpod, 'POST', '/pods', { ...body, mounts, dataCenterIds: ['US-TX-3'] })).status).toBe(400)
    expect((await call(runpod, 'DELETE', `/network-volumes/${id}`)).status).toBe(204)
  })
})
