import { expect, it } from 'vitest'
import { createMemoryQueue } from '../../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { sampleJob, sampleJobId } from '../../ports/contracts/samples.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { microUsdFromUsd } from '../../ports/money.ts'
import type { JobStore, Store } from '../../ports/store.ts'
import { createStatusReader, percentile } from './status.ts'

function setUp() {
  const clock = createFakeClock()
  const memory = createMemoryStore({ clock })
  const asked: number[] = []
  const over = { fails: false }
  const listResults: JobStore['listResults'] = (kind, limit) => {
    asked.push(limit)
    return over.fails ? Promise.reject(new Error('the store is gone')) : memory.jobs.listResults(kind, limit)
  }
  const store: Store = { ...memory, jobs: { ...memory.jobs, listResults } }
  const budget = { perDayMicroUsd: microUsdFromUsd(10), perMonthMicroUsd: microUsdFromUsd(100) }
  const read = createStatusReader({ store, queue: createMemoryQueue({ clock }), clock, budget })
  async function endPrompt(number: number, inferMs: number) {
    const id = sampleJobId(number)
    await memory.jobs.create(sampleJob(number, { kind: 'infer' }))
    const row = await memory.jobs.claim(id, clock.now())
    await memory.jobs.update(id, row?.fence ?? 0, {
      state: 'done',
      endedAt: clock.now(),
      result: { timing: { inferMs } },
    })
  }
  const p95 = async () => (await read()).metrics.inferenceP95Ms
  return { clock, asked, over, read, endPrompt, p95 }
}

it('answers from memory within a second, at once within five, and anew after that', async () => {
  const { clock, asked, read, endPrompt, p95 } = setUp()
  expect(await p95()).toBeNull()
  await endPrompt(1, 700)
  for (let count = 0; count < 100; count++) await read()
  expect(asked).toEqual([100])
  clock.jump(2_000)
  expect(await p95()).toBeNull()
  await clock.advance(0)
  expect(await p95()).toBe(700)
  await endPrompt(2, 900)
  clock.jump(60_000)
  expect(await p95()).toBe(900)
  expect(asked).toEqual([100, 100, 10])
})

it('does not remember a failure', async () => {
  const { over, read, clock } = setUp()
  over.fails = true
  await expect(read()).rejects.toThrow('the store is gone')
  over.fails = false
  await clock.advance(0)
  expect((await read()).pods).toEqual([])
})

it.each([
  [[], 0.95, null],
  [[5], 0.95, 5],
  [[3, 1, 2], 0.5, 2],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.95, 95],
])('the percentile of %j at %d is %d', (samples, share, value) => {
  expect(percentile(samples, share)).toBe(value)
})
