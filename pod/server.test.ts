import { createServer, type IncomingMessage, request as openRequest, type RequestOptions, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createGuardServer } from './server.ts'
import { readSettings } from './settings.ts'
import { type GuardState, initialState } from './state.ts'

const open: Server[] = []

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(server: Server): Promise<number> {
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

interface Guard {
  readonly port: number
  readonly state: GuardState
  readonly orders: unknown[]
  /** What reached Ollama. */
  readonly seen: IncomingMessage[]
}

type Answer = Parameters<typeof createServer>[1] extends infer _
  ? (request: IncomingMessage, response: import('node:http').ServerResponse) => void
  : never

async function startGuard(
  answer: Answer = (_request, response) => response.end('{}'),
  environment = {},
): Promise<Guard> {
  const seen: IncomingMessage[] = []
  const ollama = await listen(
    createServer((request, response) => {
      seen.push(request)
      answer(request, response)
    }),
  )
  const settings = readSettings({
    GUARD_TOKEN: 'secret',
    GUARD_DEADLINE: '9999999999',
    OLLAMA_URL: `http://127.0.0.1:${ollama}`,
    ...environment,
  })
  const state = initialState(settings, 1_000)
  const orders: unknown[] = []
  const prepare = (model: string, options: unknown): void => void orders.push({ model, options })
  const port = await listen(createGuardServer({ settings, state, now: () => 2_000, prepare }))
  return { port, state, orders, seen }
}

interface Reply {
  readonly status: number
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

const known = { authorization: 'Bearer secret' }

function ask(guard: Guard, options: RequestOptions, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = openRequest({ host: '127.0.0.1', port: guard.port, ...options }, (reply) => {
      let text = ''
      reply.setEncoding('utf8')
      reply.on('data', (part) => {
        text += part
      })
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: text, headers: reply.headers }))
      reply.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

function raw(guard: Guard, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(guard.port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (part) => {
      answer += part
      if (answer.includes('\r\n\r\n')) socket.end()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !holds(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(holds()).toBe(true)
}

describe('strangers', () => {
  test.each([
    '/',
    '/guard/status',
    '/guard/heartbeat',
    '/guard/model',
    '/api/chat',
    '/api/pull',
    '/healthz',
    '/nowhere',
    '//x',
    '/%2e%2e',
  ])('get 401 at %s, whatever the method', async (path) => {
    const guard = await startGuard()
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD']) {
      expect((await ask(guard, { path, method })).status, method).toBe(401)
      expect((await ask(guard, { path, method, headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    }
    expect(guard.seen).toEqual([])
  })

  test.each([
    ['an upgrade', 'GET /api/chat HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
    ['CONNECT', 'CONNECT 127.0.0.1:11434 HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['an absolute target', 'GET http://127.0.0.1:11434/api/tags HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['100-continue', 'POST /api/chat HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n'],
    [
      'two authorizations',
      'GET /guard/status HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\nauthorization: Bearer secret\r\n\r\n',
    ],
  ])('get 401 by %s', async (_name, text) => {
    const guard = await startGuard()
    expect(await raw(guard, text)).toMatch(/^HTTP\/1\.1 401 /)
    expect(guard.seen).toEqual([])
  })

  test('a heartbeat of a stranger is none', async () => {
    const guard = await startGuard()
    await ask(guard, { path: '/guard/heartbeat', method: 'POST' })
    expect(guard.state.lastHeartbeatAt).toBeNull()
  })
})

describe('those with the token', () => {
  test('read the status, which holds no secret, and beat the heart', async () => {
    const guard = await startGuard()
    const beaten = await ask(guard, { path: '/guard/heartbeat', method: 'POST', headers: known })
    const status = await ask(guard, { path: '/guard/status', headers: known })
    expect([beaten.status, status.status]).toEqual([200, 200])
    expect(JSON.parse(status.body)).toEqual({
      phase: 'starting',
      progress: null,
      model: null,
      modelDigest: null,
      ollamaVersion: null,
      gpu: null,
      vram: null,
      inFlight: 0,
      lastUseAt: null,
      startedAt: 1_000,
      deadlineAt: 9_999_999_999_000,
      lastHeartbeatAt: 2_000,
      endReason: null,
      error: null,
    })
  })

  test('order a model, with its options or those of the pod', async () => {
    const guard = await startGuard(undefined, { GUARD_LOAD_OPTIONS: '{"num_ctx":8192}' })
    const order = (body: string) => ask(guard, { path: '/guard/model', method: 'POST', headers: known }, body)
    expect((await order('{"model":"a"}')).status).toBe(202)
    expect((await order('{"model":"b","options":{"num_ctx":4096}}')).status).toBe(202)
    for (const wrong of ['', '{}', '[]', '{"model":""}', '{"model":7}', 'null'])
      expect((await order(wrong)).status, wrong).toBe(400)
    expect((await order(`{"model":"${'x'.repeat(70_000)}"}`)).status).toBe(413)
    expect(guard.orders).toEqual([
      { model: 'a', options: { num_ctx: 8_192 } },
      { model: 'b', options: { num_ctx: 4_096 } },
    ])
  })

  test('reach Ollama with its own Host and without hop-by-hop headers, token, cookie or origin', async () => {
    const guard = await startGuard((_request, response) => {
      response.writeHead(200, { 'x-kept': 'yes', connection: 'x-hop, close', 'x-hop': 'no' }).end('{}')
    })
    const headers = {
      ...known,
      connection: 'x-mine',
      'x-mine': '1',
      te: 'trailers',
      origin: 'https://evil.example',
      cookie: 'a=b',
      host: 'pod-8080.example',
      'x-request-id': 'r1',
    }
    const reply = await ask(guard, { path: '/api/tags?verbose=1', headers })
    const [seen] = guard.seen
    expect(seen?.url).toBe('/api/tags?verbose=1')
    expect(Object.keys(seen?.headers ?? {}).sort()).toEqual(['connection', 'host', 'x-request-id'])
    expect(seen?.headers.host).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(reply.headers['x-kept']).toBe('yes')
    expect(reply.headers['x-hop']).toBeUndefined()
  })

  test('get each piece when it comes, not at the end', async () => {
    let finish = (): void => {}
    const guard = await startGuard((_request, response) => {
      response.write('{"piece":1}\n')
      finish = () => response.end('{"done":true}\n')
    })
    const first = await new Promise<string>((resolve, reject) => {
      const request = openRequest(
        { host: '127.0.0.1', port: guard.port, path: '/api/chat', method: 'POST', headers: known },
        (reply) => {
          reply.once('data', (part) => resolve(String(part)))
        },
      )
      request.on('error', reject)
      request.end('{}')
    })
    expect(first).toBe('{"piece":1}\n')
    expect([guard.state.inFlight, guard.state.lastUseAt]).toEqual([1, 2_000])
    finish()
    await until(() => guard.state.inFlight === 0)
  })

  test('who leave take their generation with them', async () => {
    let isLeft = false
    const guard = await startGuard((_request, response) => {
      response.write('{"piece":1}\n')
      response.on('close', () => {
        isLeft = true
      })
    })
    const request = openRequest(
      { host: '127.0.0.1', port: guard.port, path: '/api/chat', method: 'POST', headers: known },
      (reply) => {
        reply.on('error', () => {})
        reply.once('data', () => request.destroy())
      },
    )
    request.on('error', () => {})
    request.end('{}')
    await until(() => isLeft && guard.state.inFlight === 0)
  })

  test('give a pod that is ending no new work, and can still ask why', async () => {
    const guard = await startGuard()
    guard.state.phase = 'ending'
    expect((await ask(guard, { path: '/api/chat', method: 'POST', headers: known }, '{}')).status).toBe(503)
    expect((await ask(guard, { path: '/guard/status', headers: known })).status).toBe(200)
    expect(guard.seen).toEqual([])
  })

  test('reading the list of models is no use of the GPU', async () => {
    const guard = await startGuard()
    await ask(guard, { path: '/api/tags', headers: known })
    expect(guard.state.lastUseAt).toBeNull()
  })

  test.each([
    ['said beforehand', { 'content-length': '2000' }],
    ['found on the way', { 'transfer-encoding': 'chunked' }],
  ])('a body too large, %s, is 413', async (_name, headers) => {
    const guard = await startGuard((request, response) => request.on('end', () => response.end('{}')).resume(), {
      GUARD_MAX_BODY_BYTES: '1000',
    })
    const reply = await ask(
      guard,
      { path: '/api/chat', method: 'POST', headers: { ...known, ...headers } },
      'x'.repeat(2_000),
    )
    expect(reply.status).toBe(413)
  })

  test('an Ollama that is away is 502 in its own shape; one that dies in the middle breaks the stream', async () => {
    const away = await startGuard(undefined, { OLLAMA_URL: 'http://127.0.0.1:1' })
    const reply = await ask(away, { path: '/api/chat', method: 'POST', headers: known }, '{}')
    expect([reply.status, JSON.parse(reply.body)]).toEqual([502, { error: 'Ollama does not answer in this pod.' }])
    const dying = await startGuard((_request, response) => {
      response.write('{"piece":1}\n')
      setImmediate(() => response.destroy())
    })
    await expect(ask(dying, { path: '/api/chat', method: 'POST', headers: known }, '{}')).rejects.toThrow()
  })
})

describe('a slow first token behind a proxy that hates silence', () => {
  const beats = { ...known, 'x-guard-keep-alive-seconds': '0.05' }

  test('is bridged by empty lines, and the answer is whole', async () => {
    const guard = await startGuard((_request, response) => {
      setTimeout(() => response.end('{"done":true}\n'), 180)
    })
    const reply = await ask(guard, { path: '/api/chat', method: 'POST', headers: beats }, '{}')
    expect(reply.headers['content-type']).toBe('application/x-ndjson')
    expect(reply.body).toMatch(/^\n+\{"done":true\}\n$/)
  })

  test('a late refusal arrives inside the 200, with its status', async () => {
    const guard = await startGuard((_request, response) => {
      setTimeout(() => response.writeHead(503).end('{"error":"server busy"}'), 120)
    })
    const reply = await ask(guard, { path: '/api/generate', method: 'POST', headers: beats }, '{}')
    expect([reply.status, JSON.parse(reply.body)]).toEqual([200, { error: 'server busy', status: 503 }])
  })

  test('event streams get comments', async () => {
    const guard = await startGuard((_request, response) => {
      setTimeout(() => response.end('data: [DONE]\n\n'), 120)
    })
    const reply = await ask(guard, { path: '/v1/chat/completions', method: 'POST', headers: beats }, '{}')
    expect(reply.body).toMatch(/^(?:: waiting\n\n)+data: \[DONE\]\n\n$/)
  })

  test('nothing is sent ahead of a prompt answer', async () => {
    const guard = await startGuard((_request, response) => response.writeHead(404).end('{"error":"no"}'))
    const headers = { ...known, 'x-guard-keep-alive-seconds': '30' }
    expect((await ask(guard, { path: '/api/chat', method: 'POST', headers }, '{}')).status).toBe(404)
  })
})
