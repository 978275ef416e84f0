import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { steadyClock, watchLife } from './dead-mans-switch.ts'
import { removeSelf } from './remove-self.ts'
import { readSettings } from './settings.ts'
import { initialState } from './state.ts'

let api: Server | undefined

afterEach(async () => {
  api?.closeAllConnections()
  await new Promise((resolve) => (api === undefined ? resolve(0) : api.close(resolve)))
})

async function startApi(statuses: readonly number[]): Promise<{ readonly url: string; readonly seen: string[] }> {
  const seen: string[] = []
  api = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`.trim())
      response.writeHead(statuses[seen.length - 1] ?? statuses.at(-1) ?? 500).end()
    })
  })
  await new Promise<void>((resolve) => api?.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(api.address() as AddressInfo).port}/v2`, seen }
}

const environment = {
  GUARD_TOKEN: 't',
  RUNPOD_POD_ID: 'abc',
  RUNPOD_API_KEY: 'scoped',
  GUARD_REMOVE_EVERY_MS: '5',
  GUARD_CHECK_EVERY_MS: '5',
}

describe('removing oneself', () => {
  test('deletes the pod with its own key', async () => {
    const { url, seen } = await startApi([204])
    const attempts = await removeSelf(readSettings({ ...environment, RUNPOD_API_URL: url }))
    expect(seen).toEqual(['DELETE /v2/pods/abc Bearer scoped'])
    expect(attempts).toEqual([{ way: 'delete', outcome: '204' }])
  })

  test('stops it where deleting is refused', async () => {
    const { url, seen } = await startApi([403, 200])
    const attempts = await removeSelf(readSettings({ ...environment, RUNPOD_API_URL: url }))
    expect(seen[1]).toBe('POST /v2/pods/abc/action Bearer scoped {"action":"stop"}')
    expect(attempts.at(-1)).toEqual({ way: 'stop', outcome: '200' })
  })

  test('tries the vendor’s tool when both fail, and survives its absence', async () => {
    const { url } = await startApi([500, 500])
    const attempts = await removeSelf(readSettings({ ...environment, RUNPOD_API_URL: url }))
    expect(attempts.map(({ way }) => way)).toEqual(['delete', 'stop', 'runpodctl'])
    expect(attempts.at(-1)?.outcome).toMatch(/^failed/)
  })

  test('without key or id there is nothing to try, and nothing is thrown', async () => {
    expect(await removeSelf(readSettings({}))).toEqual([])
    const unreachable = readSettings({ ...environment, RUNPOD_API_URL: 'http://127.0.0.1:1/v2' })
    expect((await removeSelf(unreachable))[0]).toEqual({ way: 'delete', outcome: 'TypeError' })
  })
})

test('past its deadline the guard tries for ever, even after a success, and never tells the key', async () => {
  const { url, seen } = await startApi([500, 500, 204, 204])
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const settings = readSettings({ ...environment, RUNPOD_API_URL: url, GUARD_DEADLINE: '1000' })
  const state = initialState(settings, 0)
  void watchLife(settings, state, () => 2_000_000)
  for (let turn = 0; turn < 2_000 && seen.length < 6; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(seen.length).toBeGreaterThanOrEqual(6)
  expect([state.phase, state.endReason]).toEqual(['ending', 'deadline'])
  expect(written.mock.calls.join('')).not.toContain('scoped')
})

test('a clock set back cannot move the deadline away; a clock set forward counts', () => {
  let wall = 1_000
  let counter = 0
  const now = steadyClock(
    () => wall,
    () => counter,
  )
  counter = 500
  wall = 1_500
  expect(now()).toBe(1_500)
  wall = 0
  counter = 900
  expect(now()).toBe(1_900)
  wall = 9_000
  expect(now()).toBe(9_000)
})
