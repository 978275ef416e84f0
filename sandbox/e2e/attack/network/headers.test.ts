import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveGateway } from '../../../../action/gateway/serve.ts'
import { createControllerBench, enginesAt } from '../../../../app/controller/__support__/controller-bench.ts'
import { listen } from '../../../../app/server.ts'
import { fakeLease, createFakeEngine } from '../../../../ports/fakes/fake-engine.ts'
import { createGuardServer } from '../../../../pod/server.ts'
import { readSettings } from '../../../../pod/settings.ts'
import { initialState } from '../../../../pod/state.ts'
import { type Listening, listenWith } from './trap.ts'
import { sendRaw, statusesOf } from './raw.ts'

const TOKEN = 'token-of-the-pod'
let engine: Listening
const stops: (() => Promise<unknown>)[] = []
const doors = new Map<string, { readonly port: number; readonly key: string; readonly path: string }>()

beforeAll(async () => {
  engine = await listenWith((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  const bench = createControllerBench({ engines: enginesAt(engine.url) })
  const { key } = await bench.key(['infer', 'read', 'control'])
  const server = await listen(bench.app, { host: '127.0.0.1', port: 0 })
  doors.set('the server', { port: server.port, key, path: '/api/chat' })
  const settings = readSettings({ GUARD_TOKEN: TOKEN, GUARD_DEADLINE: '9999999999', OLLAMA_URL: engine.url })
  const guard = createGuardServer({ settings, state: initialState(settings, 0), now: () => 0, prepare: () => {} })
  const guardPort = await new Promise<number>((resolve) =>
    guard.listen(0, '127.0.0.1', () => resolve((guard.address() as { port: number }).port)),
  )
  doors.set('the guard', { port: guardPort, key: TOKEN, path: '/api/chat' })
  const lease = { ...fakeLease(createFakeEngine([])), address: { url: engine.url, token: TOKEN } }
  const gateway = await serveGateway({ lease, signal: new AbortController().signal } as unknown as Parameters<
    typeof serveGateway
  >[0])
  doors.set("the Action's gateway", { port: Number(new URL(gateway.url).port), key: gateway.key, path: '/api/chat' })
  stops.push(
    () => server.close(0),
    () => bench.close(),
    () => gateway.close(),
    () => {
      guard.closeAllConnections()
      return new Promise((resolve) => guard.close(resolve))
    },
    () => engine.stop(),
  )
})
afterAll(async () => {
  for (const stop of stops) await stop()
})

const NAMES = ['the server', 'the guard', "the Action's gateway"] as const
const BODY = '{"model":"m","messages":[],"stream":false}'

function request(name: string, headers: readonly string[], body: string, target?: string): string {
  const { key, path } = doorOf(name)
  const lines = [
    `POST ${target ?? path} HTTP/1.1`,
    'host: x',
    `authorization: Bearer ${key}`,
    'content-type: application/json',
  ]
  return `${[...lines, ...headers].join('\r\n')}\r\n\r\n${body}`
}

function doorOf(name: string) {
  const door = doors.get(name)
  if (door === undefined) throw new Error(`no door ${name}`)
  return door
}

const LENGTH = `content-length: ${BODY.length}`
const HIDDEN = 'GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n'
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`

/** Requests that two servers in a row may cut at different places. */
const SMUGGLED: readonly (readonly [what: string, headers: readonly string[], body: string])[] = [
  ['two lengths', [LENGTH, 'content-length: 3'], BODY + HIDDEN],
  ['one length twice', [LENGTH, LENGTH], BODY + HIDDEN],
  ['a list of lengths', [`content-length: ${BODY.length}, 3`], BODY + HIDDEN],
  ['a length and chunks', [LENGTH, 'transfer-encoding: chunked'], CHUNKED + HIDDEN],
  ['chunks and a length', ['transfer-encoding: chunked', 'content-length: 4'], CHUNKED + HIDDEN],
  ['unknown coding', ['transfer-encoding: xchunked'], CHUNKED],
  ['two codings', ['transfer-encoding: chunked', 'transfer-encoding: identity'], CHUNKED],
  ['chunks, not last', ['transfer-encoding: chunked, gzip'], CHUNKED],
  ['a blank before the colon', [`content-length : ${BODY.length}`], BODY],
  ['a folded line', ['x-a: b\r\n c: d', LENGTH], BODY],
  ['a bare carriage return', [`x-a: b\rcontent-length: 3`, LENGTH], BODY],
  ['a bare line feed', [`x-a: b\ncontent-length: 3`, LENGTH], BODY],
  ['a zero byte', ['x-a: b\0c', LENGTH], BODY],
  ['a negative length', ['content-length: -5'], BODY],
  ['a length in hex', ['content-length: 0x2a'], BODY],
  ['a chunk of any size', ['transfer-encoding: chunked'], `fffffffffffffffff\r\n${BODY}`],
  ['a chunk with tricks', ['transfer-encoding: chunked'], `${BODY.length.toString(16)}\n${BODY}\r\n0\r\n\r\n`],
]

describe.each(NAMES)('%s', (name) => {
  it.each(SMUGGLED)('refuses %s, and reads nothing behind it', async (_, headers, body) => {
    const before = engine.seen.length
    const statuses = statusesOf(await sendRaw(doorOf(name).port, request(name, headers, body)))
    expect(statuses.length).toBeLessThanOrEqual(1)
    for (const status of statuses) expect(status).toBe(400)
    expect(engine.seen.slice(before).map(({ path }) => path)).not.toContain('/hidden')
  })

  it('takes an honest one, so that this shows something', async () => {
    const statuses = statusesOf(await sendRaw(doorOf(name).port, request(name, [LENGTH], BODY)))
    expect(statuses).toEqual([200])
  })

  it('passes on none of what stands between it and its client', async () => {
    const private_ = ['cookie: a=b', 'x-forwarded-for: 1.2.3.4', 'x-hop: 1', 'connection: close, x-hop', 'te: trailers']
    const before = engine.seen.length
    await sendRaw(doorOf(name).port, request(name, [...private_, 'proxy-authorization: Basic x', LENGTH], BODY))
    const [passed, ...others] = engine.seen.slice(before)
    expect(others).toEqual([])
    for (const header of ['cookie', 'x-hop', 'te', 'proxy-authorization'])
      expect(passed?.headers).not.toHaveProperty(header)
    expect(passed?.headers.authorization ?? '').not.toContain(doorOf(name).key === TOKEN ? TOKEN : doorOf(name).key)
  })

  it.each([
    'http://evil.test/api/chat',
    '//evil.test/api/chat',
    '/api/../guard',
    '/api/chat/..',
    '/%61pi/chat',
    '/api//chat',
    '/api/chat;x',
  ])('goes nowhere else for the target %s', async (target) => {
    const before = engine.seen.length
    const [status] = statusesOf(await sendRaw(doorOf(name).port, request(name, [LENGTH], BODY, target)))
    expect(engine.seen.slice(before).every(({ path }) => path === '/api/chat')).toBe(true)
    expect(status === undefined || status < 500).toBe(true)
  })

  it('cuts off heads that never end', async () => {
    const statuses = statusesOf(
      await sendRaw(doorOf(name).port, request(name, [`x-long: ${'a'.repeat(70_000)}`, LENGTH], BODY)),
    )
    expect(statuses.every((status) => status === 431 || status === 400)).toBe(true)
  })
})

describe('names and keys that hold line ends', () => {
  it.each(['a\r\nx-evil: 1', 'a\nx', 'a\0b'])('%j never becomes a header of ours', async (sign) => {
    const { port } = doorOf('the server')
    const received = await sendRaw(
      port,
      `GET /jobs/${encodeURIComponent(sign)} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    )
    expect(received).not.toMatch(/^x-evil/m)
    expect(statusesOf(received)).toHaveLength(1)
  })
})
