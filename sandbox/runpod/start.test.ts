import { afterEach, expect, test } from 'vitest'
import type { RunpodOptions } from './settings.ts'
import { type EmulatedRunpod, startRunpod } from './start.ts'

let running: EmulatedRunpod | undefined

afterEach(() => running?.stop())

async function start(options: RunpodOptions = {}): Promise<EmulatedRunpod> {
  running = await startRunpod(options)
  return running
}

const body = {
  name: 'devloop-test',
  image: 'ghcr.io/someone/devloop-pod:1',
  gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1 },
  disk: 40,
  ports: ['8080/http'],
}

function call(runpod: EmulatedRunpod, method: string, path: string, json?: unknown): Promise<Response> {
  return fetch(`${runpod.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${runpod.apiKey}` },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
}

test('a created pod bills from the POST to its end, to the micro-dollar', async () => {
  const runpod = await start({ podRuntime: 'none' })
  const created = await call(runpod, 'POST', '/pods', body)
  const pod = (await created.json()) as { id: string }
  runpod.advance(3_600_000)
  await call(runpod, 'DELETE', `/pods/${pod.id}`)
  runpod.advance(3_600_000)
  const [bill] = runpod.billing()
  expect(created.status).toBe(201)
  expect(bill?.costMicroUsd).toBe(Math.floor(((bill?.paidMs ?? 0) * 690_000) / 3_600_000))
  expect(bill?.paidMs).toBeGreaterThanOrEqual(3_600_000)
  expect(bill?.paidMs).toBeLessThan(3_660_000)
})
