import { afterEach, describe, expect, test } from 'vitest'
import type { BootFault } from './faults.ts'
import type { RunpodOptions } from './settings.ts'
import { type EmulatedRunpod, startRunpod } from './start.ts'

let running: EmulatedRunpod | undefined

afterEach(() => running?.stop())

const model = 'qwen2.5-coder:7b'
const quick = { provisioningMs: 0, startingMs: 0, restartMs: 20 }

async function start(options: RunpodOptions = {}): Promise<EmulatedRunpod> {
  running = await startRunpod({ podRuntime: 'light', judge: false, boot: quick, ...options })
  return running
}

interface Rented {
  readonly id: string
  readonly at: (path: string, init?: RequestInit) => Promise<Response>
}

interface Wish {
  readonly image: string
  readonly ports: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly args?: string
  readonly mounts?: object
  readonly gpu?: { readonly id: string; readonly count: number }
}

const guarded = {
  image: 'ghcr.io/someone/devloop-pod:1',
  ports: ['8080/http'],
  env: { GUARD_PORT: '8080', GUARD_TOKEN: 'tok', GUARD_MODEL: model, GUARD_DEADLINE: '9999999999' },
}
const stock = { image: 'ollama/ollama:0.34.0', ports: ['11434/http'] }

async function rent(runpod: EmulatedRunpod, wish: Wish): Promise<Rented> {
  const reply = await fetch(`${runpod.url}/pods`, {
    method: 'POST',
    headers: { authorization: `Bearer ${runpod.apiKey}` },
    body: JSON.stringify({ name: 'x', gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1 }, disk: 20, ...wish }),
  })
  const { id } = (await reply.json()) as { id: string }
  const port = wish.ports[0]?.split('/')[0] ?? ''
  const base = runpod.proxyUrl.replace('{podId}', id).replace('{port}', port)
  const headers = { authorization: 'Bearer tok' }
  return { id, at: (path, init) => fetch(`${base}${path}`, { headers, ...init }) }
}

async function untilStatus(pod: Rented, path: string, status: number): Promise<void> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const reply = await pod.at(path)
    await reply.body?.cancel()
    if (reply.status === status) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect.fail(`${path} never answered ${status}`)
}

async function untilReady(pod: Rented): Promise<void> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const reply = await pod.at('/guard/status')
    if (reply.ok && ((await reply.json()) as { phase: string }).phase === 'ready') return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect.fail('the guard never became ready')
}

function chat(pod: Rented, more: object = {}): Promise<Response> {
  const body = { model, messages: [{ role: 'user', content: 'hello' }], ...more }
  return pod.at('/api/chat', { method: 'POST', headers: { authorization: 'Bearer tok' }, body: JSON.stringify(body) })
}

describe('the way in', () => {
  test('answers 502 pages until the service is up, then passes streams on', async () => {
    const runpod = await start({ boot: { provisioningMs: 30, startingMs: 30 } })
    const pod = await rent(runpod, guarded)
    const early = await pod.at('/guard/status')
    expect([early.status, early.headers.get('content-type')]).toEqual([502, 'text/html; charset=UTF-8'])
    await untilReady(pod)
    const lines = (await (await chat(pod)).text()).trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ done: true })
  })

  test('404 pages for an unknown pod, an unexposed port and a terminated pod', async () => {
    const runpod = await start()
    const pod = await rent(runpod, stock)
    const other = runpod.proxyUrl.replace('{podId}', pod.id).replace('{port}', '22')
    expect((await fetch(other)).status).toBe(404)
    expect((await fetch(runpod.proxyUrl.replace('{podId}', 'none').replace('{port}', '1'))).status).toBe(404)
    await untilStatus(pod, '/api/version', 200)
    runpod.kill(pod.id, 'terminated')
    await untilStatus(pod, '/api/version', 404)
  })

  test('a silence longer than the limit is a 524 page', async () => {
    const ollama = { models: [model], faults: [{ after: '/api/chat', fault: 'slow-first-token', ms: 5_000 }] as const }
    const runpod = await start({ proxyTimeoutMs: 40, ollama })
    const pod = await rent(runpod, stock)
    await untilStatus(pod, '/api/version', 200)
    const reply = await chat(pod)
    expect(reply.status).toBe(524)
    expect(await reply.text()).toContain('Error code 524')
  })

  test.each([
    ['html-502', 502],
    ['html-520', 520],
    ['html-524', 524],
  ] as const)('fault %s', async (fault, status) => {
    const runpod = await start({ faults: [{ after: 'proxy', fault }] })
    const pod = await rent(runpod, stock)
    expect((await pod.at('/')).status).toBe(status)
  })

  test('a stream can be cut and the pod lives on', async () => {
    const runpod = await start({ ollama: { models: [model] } })
    const pod = await rent(runpod, stock)
    await untilStatus(pod, '/api/version', 200)
    runpod.script({ after: 'proxy', fault: 'cut-stream' })
    await expect(chat(pod).then((reply) => reply.text())).rejects.toThrow()
    expect(await (await chat(pod)).text()).toContain('"done":true')
  })
})

describe('what goes wrong inside', () => {
  test.each([
    ['no-service', 502],
    ['zero-gpu', 502],
    ['crash-loop', 502],
    ['wrong-service', 200],
  ] as const)('%s keeps RUNNING and billing while the proxy answers %i', async (fault: BootFault, status) => {
    const runpod = await start({ faults: [{ after: 'boot', fault }] })
    const pod = await rent(runpod, guarded)
    await untilStatus(pod, '/guard/status', status)
    for (let turn = 0; turn < 1_000 && fault === 'crash-loop' && (runpod.pods()[0]?.restarts ?? 0) < 2; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(runpod.pods()[0]).toMatchObject({ status: 'RUNNING', restarts: fault === 'crash-loop' ? 2 : 0 })
    runpod.advance(360_000)
    expect(runpod.billing()[0]?.costMicroUsd).toBeGreaterThanOrEqual(69_000)
  })

  test('plain args on the stock image crash for ever; a JSON text with an entrypoint does not', async () => {
    const runpod = await start()
    const crashing = await rent(runpod, { ...stock, args: 'bash -c "ollama serve"' })
    for (let turn = 0; turn < 1_000 && (runpod.pods()[0]?.restarts ?? 0) < 2; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect((await crashing.at('/')).status).toBe(502)
    const fine = await rent(runpod, { ...stock, args: '{"entrypoint":["bash","-c"],"cmd":["ollama serve"]}' })
    await untilStatus(fine, '/api/version', 200)
  })

  test('a pod dies in the middle of a stream, and its bill ends there', async () => {
    const runpod = await start({ faults: [{ after: 'boot', fault: 'dies-mid-stream' }] })
    const pod = await rent(runpod, guarded)
    await untilReady(pod)
    await expect(chat(pod).then((reply) => reply.text())).rejects.toThrow()
    expect(runpod.pods()[0]?.status).toBe('EXITED')
  })

  test('a model pulled to a network volume is there for the next pod, and else is not', async () => {
    const runpod = await start()
    const headers = { authorization: `Bearer ${runpod.apiKey}` }
    const volume = JSON.stringify({ name: 'v', size: 30, dataCenter: 'EU-RO-1' })
    const reply = await fetch(`${runpod.url}/network-volumes`, { method: 'POST', headers, body: volume })
    const { id } = (await reply.json()) as { id: string }
    const mounts = { network: [{ volumeId: id, path: '/workspace' }] }
    const tagsAfterPull = async (env: Readonly<Record<string, string>>): Promise<number> => {
      const first = await rent(runpod, { ...stock, mounts, env })
      await untilStatus(first, '/api/version', 200)
      await (await first.at('/api/pull', { method: 'POST', body: JSON.stringify({ model }) })).text()
      runpod.kill(first.id, 'terminated')
      const second = await rent(runpod, { ...stock, mounts, env })
      await untilStatus(second, '/api/version', 200)
      return ((await (await second.at('/api/tags')).json()) as { models: unknown[] }).models.length
    }
    expect(await tagsAfterPull({ OLLAMA_MODELS: '/root/models' })).toBe(0)
    expect(await tagsAfterPull({ OLLAMA_MODELS: '/workspace/ollama' })).toBe(1)
  })

  test('logs come as events and tell of the container', async () => {
    const runpod = await start()
    const pod = await rent(runpod, stock)
    await untilStatus(pod, '/api/version', 200)
    const leaving = new AbortController()
    const reply = await fetch(`${runpod.url}/pods/${pod.id}/logs?source=system`, {
      headers: { authorization: `Bearer ${runpod.apiKey}` },
      signal: leaving.signal,
    })
    const first = await reply.body?.getReader().read()
    expect(reply.headers.get('content-type')).toBe('text/event-stream')
    expect(new TextDecoder().decode(first?.value)).toMatch(
      /^id: 0\ndata: \{"ts":"[^"]+","source":"system","line":"create pod"\}/,
    )
    leaving.abort()
  })
})

describe('the light guard', () => {
  test('lets nobody in without the token and keeps to its paths', async () => {
    const runpod = await start()
    const pod = await rent(runpod, guarded)
    await untilReady(pod)
    for (const path of ['/', '/guard/status', '/api/chat', '/api/pull']) {
      expect((await pod.at(path, { headers: {} })).status, path).toBe(401)
    }
    const order = (path: string, body: string) =>
      pod.at(path, { method: 'POST', headers: { authorization: 'Bearer tok' }, body })
    expect((await order('/api/pull', '{}')).status).toBe(404)
    for (const wrong of ['', '{', 'null', '{"model":7}']) expect((await order('/guard/model', wrong)).status).toBe(400)
    expect((await order('/guard/model', '{"model":"mistral:7b"}')).status).toBe(202)
    expect((await order('/guard/heartbeat', '')).status).toBe(200)
  })

  test.each([
    ['its deadline', { GUARD_DEADLINE: '0' }, 0],
    ['silence', { GUARD_BOOT_GRACE_MS: '60000' }, 61_000],
    ['idleness', { GUARD_IDLE_MS: '60000' }, 62_000],
  ])('ends its pod after %s', async (_reason, env, ms) => {
    const runpod = await start()
    await rent(runpod, { ...guarded, env: { ...guarded.env, ...env } })
    for (let turn = 0; turn < 1_000 && runpod.livePods().length > 0; turn += 1) {
      runpod.advance(ms === 0 ? 0 : 1_000)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(runpod.livePods()).toEqual([])
    expect(runpod.billing()[0]?.paidMs).toBeGreaterThanOrEqual(ms - 2_000)
  })

  test('an unknown tag and a model too large for the card fail with a reason', async () => {
    const runpod = await start()
    for (const [tag, reason] of [
      ['nobody:1b', /does not exist/],
      ['llama3.3:70b', /does not fit/],
    ] as const) {
      const pod = await rent(runpod, { ...guarded, env: { ...guarded.env, GUARD_MODEL: tag } })
      let status = { phase: '', error: '' }
      for (let turn = 0; turn < 1_000 && status.phase !== 'failed'; turn += 1) {
        const reply = await pod.at('/guard/status')
        if (reply.ok) status = (await reply.json()) as typeof status
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      expect(status.error).toMatch(reason)
    }
  })

  test('hundreds of pods live and die in one process', async () => {
    const offer = {
      id: 'G',
      name: 'G',
      memoryGb: 24,
      pool: null,
      secureMicroUsd: 690_000,
      communityMicroUsd: null,
      stock: 1_000,
    }
    const runpod = await start({ gpus: [offer], balanceUsd: 1_000 })
    for (let count = 0; count < 200; count += 1) {
      await rent(runpod, {
        ...guarded,
        gpu: { id: 'G', count: 1 },
        env: { ...guarded.env, GUARD_BOOT_GRACE_MS: '60000' },
      })
    }
    expect(runpod.livePods()).toHaveLength(200)
    runpod.advance(120_000)
    expect(runpod.livePods()).toEqual([])
  })
})
