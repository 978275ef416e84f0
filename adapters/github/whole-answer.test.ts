import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { wholeAnswers } from './whole-answer.ts'

const token = 'ghs_notARealTokenButLongEnough'
let server: Server
let other: Server
let url: string
const asked: string[] = []

beforeAll(async () => {
  other = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('{}')
  })
  server = createServer((request, response) => {
    const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/metadata`
    switch (request.url) {
      case '/bomb':
        return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(2_000_000)))
      case '/cut':
        response.writeHead(200, { 'content-length': '100' }).write('half')
        return setTimeout(() => response.destroy(), 10)
      case '/elsewhere':
        return response.writeHead(302, { location: elsewhere }).end()
      case '/renamed':
        return response.writeHead(301, { location: '/here' }).end()
      case '/round':
        return response.writeHead(302, { location: '/round' }).end()
      case '/refused':
        return response.writeHead(401).end(`no such key: ${request.headers.authorization}`)
      default:
        return response.end(`reached ${request.headers.authorization}`)
    }
  })
  for (const one of [server, other]) await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  for (const one of [server, other]) await new Promise((resolve) => one.close(resolve))
})

const get = (path: string, method = 'GET') =>
  wholeAnswers(fetch, 1_000_000)(url + path, { method, headers: { authorization: `token ${token}` } })

it('follows a redirect on the same host', async () => {
  expect(await (await get('/renamed')).text()).toContain('reached')
})

it('follows none to another host, none for ever, and none of a write', async () => {
  await expect(get('/elsewhere')).rejects.toThrow('another host')
  await expect(get('/round')).rejects.toThrow('more than 3 times')
  expect((await get('/elsewhere', 'POST')).status).toBe(302)
  expect(asked).toEqual([])
})

it('fails when the body is larger than it may be once it is unpacked', async () => {
  await expect(get('/bomb')).rejects.toThrow('longer than 1000000 bytes')
})

it('fails when the body breaks off, instead of taking it for a shorter one', async () => {
  await expect(get('/cut')).rejects.toThrow()
})

it('takes our own token out of a refusal', async () => {
  const refused = await get('/refused')
  expect(refused.status).toBe(401)
  expect(await refused.text()).toBe('no such key: token [secret]')
})
