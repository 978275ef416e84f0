import { expect, test } from 'vitest'
import type { Fetch, StreamedReply } from '../../ports/fetch.ts'
import { HttpGuardClient } from './guard.ts'

const ADDRESS = { url: 'http://pod.test', token: 'token-of-the-pod' }
const NEVER = new AbortController().signal
const STATUS = {
  phase: 'pulling',
  model: 'm',
  inFlight: 0,
  lastUseAt: null,
  deadlineAt: 5,
  progress: { completedBytes: 1, totalBytes: 2 },
  gpu: null,
  news: 1,
}

function guardAnswering(status: number, text: string, asked: string[] = []) {
  const fetch: Fetch<StreamedReply> = async (url, { method, headers }) => {
    asked.push(`${method} ${url} ${headers.authorization}`)
    async function* body(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(text)
    }
    return { status, headers: { get: () => null }, body: body(), text: async () => text }
  }
  return new HttpGuardClient(fetch, 100)
}

test('the status is read with the token of the pod; unknown fields are left out', async () => {
  const asked: string[] = []
  expect(await guardAnswering(200, JSON.stringify(STATUS), asked).status(ADDRESS, NEVER)).toEqual({
    phase: 'pulling',
    model: 'm',
    modelDigest: null,
    progress: { completedBytes: 1, totalBytes: 2 },
    inFlight: 0,
    lastUseAt: null,
    deadlineAt: 5,
    error: null,
  })
  await guardAnswering(200, JSON.stringify(STATUS), asked).heartbeat(ADDRESS, NEVER)
  await guardAnswering(204, '', asked).heartbeat(ADDRESS, NEVER)
  expect(asked).toEqual([
    'GET http://pod.test/guard/status Bearer token-of-the-pod',
    'POST http://pod.test/guard/heartbeat Bearer token-of-the-pod',
    'POST http://pod.test/guard/heartbeat Bearer token-of-the-pod',
  ])
})

test.each([404, 502, 503, 504, 520, 524])('%i of the proxy means not ready yet', async (status) => {
  await expect(guardAnswering(status, '<html></html>').status(ADDRESS, NEVER)).rejects.toMatchObject({
    code: 'not-ready',
  })
})

test.each([
  ['a refused token', 401, '{"error":"no"}', 'unauthorized'],
  ['a 200 of the wrong service', 200, '<html>welcome</html>', 'unreadable'],
  ['a 200 in another form', 200, '{"models":[]}', 'unreadable'],
])('%s is told apart', async (_, status, text, code) => {
  await expect(guardAnswering(status, text).status(ADDRESS, NEVER)).rejects.toMatchObject({ code })
})
