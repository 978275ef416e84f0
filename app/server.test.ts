import { connect } from 'node:net'
import { Hono } from 'hono'
import { afterEach, describe, expect, it } from 'vitest'
import { startEndlessEngine } from './__support__/start-endless-engine.ts'
import { createControllerBench, enginesAt, MODEL } from './controller/__support__/controller-bench.ts'
import { createServer, type Listening, listen } from './server.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(options: { headersTimeoutMs?: number } = {}) {
  const engine = await startEndlessEngine(MODEL)
  ends.push(engine.stop)
  const bench = createControllerBench({ engines: enginesAt(engine.url) })
  const server = await listen(bench.app, { host: '127.0.0.1', port: 0, ...options })
  ends.push(async () => {
    await server.close(0)
    await bench.close()
  })
  return { ...bench, engine, server, token: (await bench.key(['infer'])).key }
}

const until = async (isTrue: () => boolean) => {
  for (let tries = 0; !isTrue() && tries < 300; tries++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(isTrue()).toBe(true)
}

describe('a client that goes away in the middle', () => {
  it.each([
    ['/api/chat', { model: MODEL, messages: [] }],
    ['/v1/chat/completions', { model: MODEL, messages: [], stream: true }],
    ['/infer', { prompt: 'x', stream: true }],
    ['/infer', { prompt: 'x' }],
  ])('ends the call to the engine and frees its place: %s', async (path, body) => {
    const { server, engine, token, share } = await start()
    const gone = new AbortController()
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify(body), signal: gone.signal }
    const asked = fetch(`${server.url}${path}`, init).catch(() => undefined)
    await until(() => engine.open() === 1 && share.inUse() === 1)
    gone.abort()
    await asked
    await until(() => engine.open() === 0 && share.inUse() === 0)
  })
})

describe('the server', () => {
  it('cuts off a client that is slow to say what it wants', async () => {
    const { server } = await start({ headersTimeoutMs: 150 })
    const socket = connect(server.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write('POST /infer HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    await closed
    expect(answer).toContain('408')
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  it('lets a running answer end when it closes, and takes no new ones', async () => {
    const gate = Promise.withResolvers<void>()
    const room = new Hono().get('/slow', async (context) => {
      await gate.promise
      return context.text('whole')
    })
    const app = createServer([room as unknown as Hono<never>])
    const server: Listening = await listen(app, { host: '127.0.0.1', port: 0 })
    const running = fetch(`${server.url}/slow`)
    await fetch(`${server.url}/none`)
    const closed = server.close(5_000)
    await expect(fetch(`${server.url}/slow`)).rejects.toThrow('fetch failed')
    gate.resolve()
    expect(await (await running).text()).toBe('whole')
    await closed
  })

  it('cuts what does not end within its grace', async () => {
    const room = new Hono().get('/never', () => new Promise<Response>(() => {}))
    const server = await listen(createServer([room as unknown as Hono<never>]), {
      host: '127.0.0.1',
      port: 0,
    })
    const running = fetch(`${server.url}/never`).catch((error: Error) => error.message)
    await fetch(`${server.url}/none`)
    await server.close(20)
    expect(await running).toBe('fetch failed')
  })
})
