import { expect, test } from 'vitest'
import { createMemoryQueue } from '../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { sampleJob, sampleJobId } from '../ports/contracts/samples.ts'
import { ModelError } from '../ports/errors.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { createFakeEngine, fakeLease, type Reply } from '../ports/fakes/fake-engine.ts'
import { silentLog } from '../ports/log.ts'
import type { EngineDemand } from '../ports/model.ts'
import { microUsd } from '../ports/money.ts'
import type { Json } from '../ports/store.ts'
import { createInferJob, type InferResult } from './infer-job.ts'
import { createJobRunner } from './runner.ts'

async function infer(request: Json, replies: readonly Reply[]) {
  const clock = createFakeClock(Date.UTC(2026, 10, 21, 12, 0, 5))
  const store = createMemoryStore({ clock })
  const queue = createMemoryQueue({ clock })
  const runner = createJobRunner({ store, queue, clock, log: silentLog })
  const engine = createFakeEngine(replies)
  const demands: EngineDemand[] = []
  const delivered: InferResult[] = []
  const told: string[] = []
  let released = 0
  runner.define(
    createInferJob({
      clock,
      log: silentLog,
      engines: {
        async acquire(demand) {
          demands.push(demand)
          demand.onPhase?.({ phase: 'booting', detail: 'A pod boots.', at: clock.now() })
          await clock.sleep(40_000)
          return fakeLease(engine, { onRelease: () => released++ })
        },
      },
      settingsOf: async () => ({
        model: 'qwen3-coder:30b',
        load: { contextTokens: 8_192 },
        maxOutputTokens: 1_024,
        maxCostMicroUsd: microUsd(1_000_000),
      }),
      promptOf: async (_, { prompt, place }) => (place === undefined ? prompt : `${JSON.stringify(place)}\n${prompt}`),
      deliver: async (_, result) => void delivered.push(result),
      tellFailed: async (_, error) => void told.push(error.message),
    }),
  )
  await runner.start()
  await runner.createJob(sampleJob(1, { kind: 'infer', request, createdAt: clock.now() - 5_000 }))
  await clock.advance(300_000)
  const row = await store.jobs.find(sampleJobId(1))
  const events = (await store.jobs.listEvents(sampleJobId(1))).map((event) => event.kind)
  return { row, engine, demands, delivered, told, events, released: () => released }
}

test('a prompt becomes an answer with what it took and cost', async () => {
  const done = await infer({ prompt: 'hello', system: 'be brief', options: { num_predict: 9 } }, ['hi'])
  const result = {
    id: sampleJobId(1),
    model: 'qwen3-coder:30b',
    output: 'hi',
    usage: { promptTokens: 5, completionTokens: 1 },
    timing: { queueMs: 5_000, spinUpMs: 40_000, inferMs: 0 },
    cost: { usd: 0.01 },
  }
  expect(done.row).toMatchObject({ state: 'done', outcome: 'answered', result, costMicroUsd: 10_000 })
  expect(done.delivered).toEqual([result])
  expect(done.engine.calls[0]).toMatchObject({
    maxOutputTokens: 9,
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hello' },
    ],
  })
  expect(done.events).toEqual(['pod', 'model-call'])
  expect(done.released()).toBe(1)
})

test('the smaller allowance counts, and a line is part of the prompt', async () => {
  const { demands, engine } = await infer(
    { prompt: 'why?', place: { line: 3 }, maxCostMicroUsd: 50_000, model: 'small' },
    ['so'],
  )
  expect(demands[0]).toMatchObject({ maxCostMicroUsd: 50_000, model: 'small', slotsWanted: 1 })
  expect(engine.calls[0]?.messages[0]?.content).toBe('{"line":3}\nwhy?')
})

test('an engine that is lost is asked for again, and every lease is given back', async () => {
  const lost = new ModelError({ code: 'crashed', message: 'The pod is gone.', remedy: 'None.', owner: 'retry' })
  const { row, released, told } = await infer({ prompt: 'hello' }, [lost, 'hi'])
  expect(row).toMatchObject({ state: 'done', infrastructureRetries: 1 })
  expect(released()).toBe(2)
  expect(told).toEqual([])
})

test('a refusal is told to the person', async () => {
  const tooLong = new ModelError({
    code: 'too-long',
    message: 'The prompt is too long.',
    remedy: 'Cut it.',
    owner: 'user',
  })
  const { row, told, released } = await infer({ prompt: 'hello' }, [tooLong])
  expect(row).toMatchObject({ state: 'failed', error: { code: 'too-long', remedy: 'Cut it.' } })
  expect(told).toEqual(['The prompt is too long.'])
  expect(released()).toBe(1)
})
