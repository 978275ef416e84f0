import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { readBody } from './read-body.ts'
import type { WebhookRoute } from './route.ts'
import { createWebhookListener } from './webhook-listener.ts'

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
})

async function start(route: WebhookRoute) {
  server = createServer(createWebhookListener(route)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

it('answers what the route says, with the headers of every answer', async () => {
  const port = await start(async (request) => {
    await readBody(request, 100)
    return { status: 202, body: { fate: 'stored' } }
  })
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' })
  expect([answer.status, await answer.json()]).toEqual([202, { fate: 'stored' }])
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/json',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  })
})

it('cuts off a sender that goes on after it was refused, once it had time to read the answer', async () => {
  const port = await start(async (request) => {
    await readBody(request, 100)
    return { status: 413, body: { error: 'too long' } }
  })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  let answer = ''
  socket.on('data', (chunk) => {
    answer += String(chunk)
  })
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999\r\n\r\n')
  const flood = setInterval(() => socket.write('x'.repeat(1_000)), 5)
  await once(socket, 'close')
  clearInterval(flood)
  expect(answer).toContain('413')
  expect(answer).toContain('too long')
})

it('lets go of a sender that went away in the middle', async () => {
  const failed = Promise.withResolvers<unknown>()
  const port = await start(async (request) => {
    await readBody(request, 100).catch((error: unknown) => {
      failed.resolve(error)
      throw error
    })
    return { status: 202, body: { fate: 'stored' } }
  })
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\nhalf')
  socket.once('ready', () => setImmediate(() => socket.destroy()))
  expect(await failed.promise).toBeInstanceOf(Error)
})
