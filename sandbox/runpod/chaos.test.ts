import { afterEach, expect, test } from 'vitest'
import { calm, evidenceRun, rollBoot, rollCall } from './faults.ts'
import { seeded } from './seeded.ts'
import { type EmulatedRunpod, startRunpod } from './start.ts'

let running: EmulatedRunpod | undefined

afterEach(() => running?.stop())

test('the same seed throws the same dice', () => {
  const throws = (seed: number) => {
    const random = seeded(seed)
    return Array.from({ length: 50 }, () => rollCall('create', evidenceRun, random))
  }
  expect(throws(7)).toEqual(throws(7))
  expect(throws(7)).not.toEqual(throws(8))
})

test('the rates are what they say', () => {
  const random = seeded(3)
  const count = 10_000
  const faults = Array.from({ length: count }, () => rollCall('create', evidenceRun, random))
  const rate = (name: string): number => faults.filter((fault) => fault === name).length / count
  expect(rate('no-capacity')).toBeCloseTo(0.2, 1)
  expect(rate('error-but-created')).toBeCloseTo(0.2, 1)
  expect(rate('drop-but-created')).toBeCloseTo(0.1, 1)
  expect(faults.filter((fault) => fault === undefined).length / count).toBeCloseTo(0.5, 1)
  expect(rollCall('create', calm, random)).toBeUndefined()
  expect(rollBoot({ ...calm, zeroGpu: 1 }, random)).toBe('zero-gpu')
})

test('a client that retries an unclear create, and believes what it is told, leaks pods here', async () => {
  running = await startRunpod({ podRuntime: 'none', judge: false, seed: 5, chaos: evidenceRun, balanceUsd: 1_000 })
  const { url, apiKey } = running
  const headers = { authorization: `Bearer ${apiKey}` }
  const body = JSON.stringify({ name: 'naive', image: 'x:1', gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1 } })
  for (let job = 0; job < 10; job += 1) {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const reply = await fetch(`${url}/pods`, { method: 'POST', headers, body }).catch(() => undefined)
      if (reply?.status !== 201) continue
      const { id } = (await reply.json()) as { id: string }
      await fetch(`${url}/pods/${id}`, { method: 'DELETE', headers }).catch(() => undefined)
      break
    }
  }
  expect(running.livePods().length).toBeGreaterThan(5)
})
