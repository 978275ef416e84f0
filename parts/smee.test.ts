import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { silentLog } from '../ports/log.ts'
import { forwardFromSmee } from './smee.ts'

it('brings a webhook of the channel to the server, and ends', async () => {
  const { promise: heard, resolve } = Promise.withResolvers<{ event: unknown; body: string }>()
  const message = { 'x-github-event': 'ping', body: { zen: 'hi' }, query: {}, timestamp: 1 }
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: ready\ndata: {}\n\n')
      response.write(`data: ${JSON.stringify(message)}\n\n`)
      return
    }
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      response.end()
      resolve({ event: request.headers['x-github-event'], body })
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = await forwardFromSmee(`${url}/channel`, `${url}/hook`, silentLog)
  expect(await heard).toEqual({ event: 'ping', body: '{"zen":"hi"}' })
  await stop()
  server.closeAllConnections()
  server.close()
})
