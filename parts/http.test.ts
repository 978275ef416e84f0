import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeHttp, httpFetch } from './http.ts'

const flood = Buffer.alloc(65 * 1024 * 1024)
const gzip = gzipSync(flood, { level: 1 })
const brotli = brotliCompressSync(flood, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
const server = createServer((request, response) => {
  if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzip)
  else if (request.url === '/br') response.writeHead(200, { 'content-encoding': 'br' }).end(brotli)
  else response.end('{"is":"small"}')
})
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await closeHttp()
  await new Promise((resolve) => server.close(resolve))
})

it.each(['/gzip', '/br'])('%s: an answer of a few bytes that unpacks to a flood fails', async (path) => {
  await expect((await httpFetch(url + path, {})).text()).rejects.toThrow('longer than')
})

it('reads an ordinary answer', async () => {
  expect(await (await httpFetch(url, {})).text()).toBe('{"is":"small"}')
  expect(await (await httpFetch(url, {})).json()).toEqual({ is: 'small' })
})
