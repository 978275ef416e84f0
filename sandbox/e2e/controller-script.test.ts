import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKey } from '../../app/controller/keys.ts'
import { type Product, startProduct } from './__support__/start-product.ts'
import { until } from './__support__/until.ts'

// The five calls that the first plan of this project names, as a shell script outside makes them: an address, a key, nothing else known.
const MODEL = 'mistral:7b-instruct-q5_K_M'

let product: Product
let key: string
beforeAll(async () => {
  product = await startProduct()
  const { store, clock, random } = product.server.parts
  const wish = { name: 'script', scopes: ['infer', 'control', 'read'], models: null, monthlyMicroUsd: null } as const
  key = (await createKey(wish, { keys: store.keys, clock, random })).key
})
afterAll(() => product?.stop())

async function curl(method: string, path: string, body?: object) {
  const answer = await fetch(product.server.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, said: (await answer.json()) as Record<string, unknown> }
}
const podState = async () => {
  const { said } = await curl('GET', '/status')
  return (said.pod as { state: string } | null)?.state ?? 'none'
}

it('start, poll until it runs, infer, look at state and cost, stop; start again and shut down', async () => {
  expect((await curl('POST', '/control/start', { model: MODEL })).status).toBe(202)
  await until('a ready pod', async () => (await podState()) === 'ready')

  const { status, said } = await curl('POST', '/infer', { prompt: 'Say hello.', model: MODEL })
  expect([status, said]).toEqual([
    200,
    {
      id: expect.any(String),
      model: MODEL,
      output: expect.stringMatching(/./),
      usage: { promptTokens: expect.any(Number), completionTokens: expect.any(Number) },
      timing: { queueMs: 0, spinUpMs: expect.any(Number), inferMs: expect.any(Number) },
      cost: { usd: expect.any(Number) },
    },
  ])
  expect((await curl('GET', '/status')).said).toMatchObject({
    pod: { name: expect.stringMatching(/^devloop-/), model: MODEL, usdPerHour: expect.any(Number) },
    queue: { waiting: expect.any(Number), active: expect.any(Number) },
    cost: { todayUsd: expect.any(Number), monthUsd: expect.any(Number), budget: { perDayUsd: 10, perMonthUsd: 100 } },
    metrics: { spinUpP95Ms: expect.any(Number) },
  })

  expect((await curl('POST', '/control/stop')).status).toBe(202)
  await until('the end of the pod', async () => (await podState()) === 'none')
  expect(product.runpod.livePods()).toEqual([])

  expect((await curl('POST', '/control/start')).status).toBe(202)
  await until('a pod', () => product.runpod.livePods().length === 1)
  const end = await curl('POST', '/shutdown', { force: true })
  expect(end).toEqual({ status: 200, said: { state: 'gone', message: 'Every pod is proven gone.' } })
  await product.expectProper()
})
