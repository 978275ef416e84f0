import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startProcess } from '../cli/__support__/run-process.ts'
import { openLocalStore } from '../parts/local-store.ts'
import { readEnvironment } from '../parts/read-environment.ts'
import { createSystemRandom } from '../adapters/system/system-random.ts'
import type { KeyScope } from '../ports/store.ts'
import { until } from '../sandbox/e2e/__support__/until.ts'
import { rawRequest } from './__support__/raw-request.ts'
import { startEndlessEngine } from './__support__/start-endless-engine.ts'
import { createKey } from './controller/keys.ts'

// What comes to a door that faces the world, against `devloop serve` as a process: it refuses in its own words, the engine hears nothing, the
// process lives, and neither log nor answer holds a key.
const MODEL = 'qwen3-coder:30b'
const SCOPES = ['infer', 'read', 'control'] as const satisfies readonly KeyScope[]
const MB = 1024 * 1024

let folder: string
let engine: Awaited<ReturnType<typeof startEndlessEngine>>
let server: ReturnType<typeof startProcess>
let url: string
let dashboard: string
const keys = new Map<string, string>()
const keyOf = (name: string) => keys.get(name) ?? ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-door-'))
  engine = await startEndlessEngine(MODEL)
  const env = { DEVLOOP_DATA: folder, DEVLOOP_ENGINE: engine.url, HOST: '127.0.0.1', PORT: '0' }
  const opened = await openLocalStore(readEnvironment(env, folder))
  const world = { keys: opened.store.keys, clock: opened.clock, random: createSystemRandom() }
  const make = async (name: string, scopes: readonly KeyScope[], models: readonly string[] | null = null) => {
    const { key, row } = await createKey({ name, scopes, models, monthlyMicroUsd: null }, world)
    keys.set(name, key)
    return row.id
  }
  for (const scope of SCOPES) await make(scope, [scope])
  await make('one-model', ['infer'], ['mistral:7b'])
  await opened.store.keys.revoke(await make('revoked', SCOPES), opened.clock.now())
  await make('reader', ['read', 'control', 'infer'])
  await opened.close(0)
  server = startProcess(['serve', '--controller-only'], folder, env)
  ;[url = ''] = await until('the address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.stderr()))
  dashboard = await logIn(keyOf('reader'))
}, 60_000)
afterAll(async () => {
  server?.kill('SIGKILL')
  await engine?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** A session of the dashboard, as a browser gets it. */
async function logIn(key: string): Promise<string> {
  const page = await fetch(`${url}/login`)
  const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const csrf = /name="csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
  const body = new URLSearchParams({ key, csrf })
  const answer = await fetch(`${url}/login`, { method: 'POST', redirect: 'manual', headers: { cookie }, body })
  expect(answer.status).toBe(303)
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

const post = (path: string, body: string, key = keyOf('infer'), headers: Record<string, string> = {}) =>
  fetch(url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body,
  })
const chat = JSON.stringify({ model: MODEL, messages: [] })
const heard = async (body: () => Promise<unknown>) => {
  const before = engine.paths.length
  await body()
  return engine.paths.slice(before)
}
const SPENDING = ['/infer', '/api/chat', '/api/generate', '/api/embed', '/v1/chat/completions', '/v1/embeddings']
const LOOKING = ['/status', '/jobs', '/jobs/01JD0000000000000000000001', '/api/tags', '/v1/models', '/dashboard/jobs']

describe('a key', () => {
  it.each([
    ['none', ''],
    ['a wrong one', `dlk_${'0'.repeat(64)}`],
    ['a revoked one', 'revoked'],
    ['one cut short', 'cut'],
    ['one with a stranger’s prefix', 'ghp_abc'],
    ['one in Unicode', 'dlk_%C3%A9'],
  ])('%s opens nothing', async (_name, given) => {
    const key = given === 'revoked' ? keyOf('revoked') : given === 'cut' ? keyOf('infer').slice(0, -1) : given
    const asked = await heard(async () => {
      for (const path of [...SPENDING, '/control/start', '/control/stop', '/shutdown'])
        expect([path, (await post(path, chat, key)).status]).toEqual([path, 401])
      for (const path of LOOKING.slice(0, -1)) {
        const answer = await fetch(url + path, { headers: key === '' ? {} : { authorization: `Bearer ${key}` } })
        expect([path, answer.status]).toEqual([path, 401])
      }
    })
    expect(asked).toEqual([])
  })

  it('in the address, in a cookie or by another scheme opens nothing', async () => {
    const key = keyOf('reader')
    for (const init of [
      {},
      { headers: { cookie: `key=${key}` } },
      { headers: { authorization: `Basic ${btoa(`x:${key}`)}` } },
    ])
      expect((await fetch(`${url}/status?key=${key}&access_token=${key}`, init)).status).toBe(401)
  })

  it('opens what its scope says and nothing else', async () => {
    for (const path of SPENDING) expect((await post(path, chat, keyOf('read'))).status).toBe(403)
    for (const path of ['/control/start', '/control/stop', '/shutdown'])
      for (const name of ['read', 'infer']) expect((await post(path, '', keyOf(name))).status).toBe(403)
    for (const path of ['/status', '/jobs'])
      for (const name of ['control', 'infer'])
        expect((await fetch(url + path, { headers: { authorization: `Bearer ${keyOf(name)}` } })).status).toBe(403)
    expect((await post('/api/chat', chat, keyOf('one-model'))).status).toBe(403)
  })
})

describe('a body', () => {
  const deep = `{"prompt":"x","options":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
  it.each([
    ['broken', '{"prompt":', 400],
    ['nothing', '', 400],
    ['a list', '[1]', 422],
    ['null', 'null', 422],
    ['an unknown field', '{"prompt":"x","shell":"rm"}', 422],
    ['a wrong type', '{"prompt":7}', 422],
    ['an empty prompt', '{"prompt":""}', 422],
    ['a prompt of nobody', '{"__proto__":{"prompt":"x"}}', 422],
    ['fifty thousand brackets', deep, 422],
    ['a negative price', '{"prompt":"x","maxCostUsd":-1}', 422],
    ['an endless price', '{"prompt":"x","maxCostUsd":1e999}', 422],
  ])('of /infer that is %s is refused before the engine hears of it', async (_name, body, status) => {
    const asked = await heard(async () => {
      const answer = await post('/infer', body)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
    })
    expect(asked).toEqual([])
  })

  it.each(['/api/chat', '/api/generate', '/api/embed', '/v1/chat/completions', '/v1/embeddings'])(
    'of %s that is none is refused in the words of its protocol',
    async (path) => {
      const asked = await heard(async () => {
        for (const body of ['{"model":', '', '[1]', 'null', '"x"', '{"model":7}', '{"model":""}'])
          expect([body, (await post(path, body)).status]).toEqual([body, 400])
      })
      expect(asked).toEqual([])
    },
  )

  it('of 40 MB is refused, announced or not, and is not kept', async () => {
    const large = new Uint8Array(40 * MB).fill(32)
    const send = async (path: string, key: string, body: NonNullable<RequestInit['body']>) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', cookie: dashboard }
      const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
      // Who hangs up while the other side still sends may be heard as a broken connection only.
      return fetch(url + path, init).then(
        ({ status }) => status,
        () => 413,
      )
    }
    const announced = [
      ['/infer', 'infer'],
      ['/v1/chat/completions', 'infer'],
      ['/shutdown', 'control'],
      ['/dashboard/stop', ''],
    ] as const
    for (const [path, name] of announced) expect([path, await send(path, keyOf(name), large)]).toEqual([path, 413])
    const endless = [
      ['/api/chat', 'infer'],
      ['/v1/embeddings', 'infer'],
      ['/control/start', 'control'],
      ['/login', ''],
    ] as const
    for (const [path, name] of endless) {
      const chunks = new ReadableStream({ pull: (sink) => sink.enqueue(large.subarray(0, MB)) })
      expect([path, await send(path, keyOf(name), chunks)]).toEqual([path, 413])
    }
    const memory = await readFile(`/proc/${server.pid}/status`, 'utf8').catch(() => 'VmHWM: 0 kB')
    expect(Number(/VmHWM:\s+(\d+)/.exec(memory)?.[1]) / 1024).toBeLessThan(800)
  })
})

describe('a path', () => {
  it.each([
    '/api/pull',
    '/api/delete',
    '/api/../delete',
    '/api/chat/../pull',
    '/api/..%2fdelete',
    '/api/%2e%2e/delete',
    '/api/%252e%252e/delete',
    '/api/%2e%2e%5cdelete',
    '/api\\..\\api\\pull',
    '/api\\pull',
    '/api%2Fpull',
    '/api%252Fpull',
    '/api/chat%2f..%2fpull',
    '/api/chat%00',
    '/api/chat;x=/pull',
    '/api/chat/',
    '//api/pull',
    '/api//pull',
    '/./api/./pull',
    '/API/PULL',
    '/api/blobs/sha256:0',
    '/api/pull?x=/api/chat',
    '/api/pull#/api/chat',
    '/v1/../api/delete',
    '/v1/files',
    '/%61pi/pull',
    'http://engine.test/api/pull',
    '/infer/../api/create',
    '/\u{ff0f}api/pull',
  ])('%s leads to nothing of the engine’s', async (path) => {
    const asked = await heard(async () => {
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keyOf('infer')}\r\n`
      const answer = await rawRequest(url, `${head}Content-Length: ${chat.length}\r\nConnection: close\r\n\r\n${chat}`)
      expect(answer).toMatch(/^HTTP\/1\.1 40[014] /)
    })
    expect(asked).toEqual([])
  })

  it.each([
    ['two lengths', 'POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd'],
    [
      'a length and chunks',
      'POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nPOST /api/pull HTTP/1.1\r\n\r\n',
    ],
    ['no host', 'GET /status HTTP/1.1\r\n\r\n'],
    ['a header of 100 KB', `GET /status HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['a method of its own', 'BREW /api/chat HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('a request with %s is refused', async (_name, text) => {
    const asked = await heard(async () => expect(await rawRequest(url, text)).toMatch(/^HTTP\/1\.1 4\d\d /))
    expect(asked).toEqual([])
  })
})

describe('clients', () => {
  it('that speak slowly or not at all keep nobody else waiting', async () => {
    const sockets: Socket[] = []
    const { hostname, port } = new URL(url)
    for (let count = 0; count < 1_000; count++) {
      const socket = connect(Number(port), hostname).on('error', () => {})
      if (count % 2 === 0) socket.write('POST /infer HTTP/1.1\r\nHost: x\r\nX-Slow: ')
      sockets.push(socket)
    }
    await until('the connections', () => sockets.every((socket) => !socket.connecting))
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })

  it('by the thousand whose streams stay silent keep nobody else waiting, and leave nothing when they go', async () => {
    const gone = new AbortController()
    const headers = { authorization: `Bearer ${keyOf('infer')}` }
    const streams: Promise<Response | undefined>[] = []
    // In waves: connections that come all at once wait in the kernel's queue, which is shorter.
    while (streams.length < 2_000) {
      for (let count = 0; count < 200; count++) {
        const init = { method: 'POST', headers, body: chat, signal: gone.signal }
        streams.push(fetch(`${url}/api/chat`, init).catch(() => undefined))
      }
      await until(`${streams.length} streams`, () => engine.open() === streams.length)
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const page = await fetch(`${url}/dashboard`, { headers: { cookie: dashboard } })
    expect(page.status).toBe(200)
    gone.abort()
    await Promise.all(streams)
    await until('the end of all calls', () => engine.open() === 0)
  })

  it.each([
    ['/api/chat', chat],
    ['/v1/chat/completions', JSON.stringify({ model: MODEL, messages: [], stream: true })],
    ['/infer', '{"prompt":"x","stream":true}'],
    ['/infer', '{"prompt":"x"}'],
  ])('that leave in the middle of %s %s end the call to the engine', async (path, body) => {
    for (let round = 0; round < 5; round++) {
      const gone = new AbortController()
      const headers = { authorization: `Bearer ${keyOf('infer')}`, 'content-type': 'application/json' }
      const asked = fetch(url + path, { method: 'POST', headers, body, signal: gone.signal }).catch(() => undefined)
      await until('the call', () => engine.open() === 1)
      gone.abort()
      await asked
      await until('its end', () => engine.open() === 0)
    }
  })
})

it('what was written as HTML and script is shown as text', async () => {
  const text = '</pre><script>alert(1)</script><img src=x onerror=alert(1)>'
  const body = JSON.stringify({ prompt: text, system: text, model: text })
  const made = await post('/infer', body, keyOf('infer'), { prefer: 'respond-async' })
  const { id } = (await made.json()) as { id: string }
  for (const path of [
    `/dashboard/jobs/${id}`,
    '/dashboard/jobs',
    '/dashboard',
    `/dashboard/jobs?repository=${encodeURIComponent(text)}`,
  ]) {
    const page = await (await fetch(url + path, { headers: { cookie: dashboard } })).text()
    expect(page).not.toMatch(/<script>|<img/)
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  }
})

it('after all that the server lives, ends when told to, and has written no key', async () => {
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  server.kill('SIGTERM')
  const { code, stderr, stdout } = await server.end
  expect(code).toBe(0)
  for (const key of keys.values()) expect(stdout + stderr).not.toContain(key)
  expect(stdout + stderr).not.toMatch(/^\s+at .*\.ts:\d+/m)
  expect(stderr).not.toContain('A controller request failed')
  // Nobody sits at this terminal: a log is no place for a link that logs in.
  expect(stderr).not.toContain('/login?once=')
})
