import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type ControllerBench,
  createControllerBench,
  enginesAt,
  MODEL,
} from '../../app/controller/__support__/controller-bench.ts'
import { type Listening, listen } from '../../app/server.ts'
import { type EmulatedOllama, startOllama } from '../../sandbox/ollama/start.ts'
import { createAgent } from './agent.ts'

let ollama: EmulatedOllama
let bench: ControllerBench
let server: Listening

beforeAll(async () => {
  ollama = await startOllama({ models: [MODEL] })
  bench = createControllerBench({ engines: enginesAt(ollama.url) })
  server = await listen(bench.app, { host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close(0)
  await bench.close()
  await ollama.stop()
})

const sentShape = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  format: z.unknown().optional(),
  options: z.object({ num_ctx: z.number() }),
})

it('plans, codes and has its code reviewed through the gateway alone, and every call is in the one log', async () => {
  const { key } = await bench.key(['infer'], 'langgraph')
  const agent = createAgent({ controllerUrl: server.url, controllerKey: key, model: MODEL, maxRounds: 2 })
  const end = await agent.invoke({ task: 'Write a function that adds two numbers.' })
  expect(end.plan).not.toBe('')
  expect(end.code).not.toBe('')
  expect(typeof end.accepted).toBe('boolean')
  expect(end.rounds).toBe(end.accepted ? 1 : 2)

  const sent = ollama.calls.filter(({ path }) => path === '/api/chat').map(({ body }) => sentShape.parse(body))
  const roles = sent.map(({ messages }) => messages[0]?.content.split(' ')[1]?.replace('.', ''))
  expect(roles).toEqual(['plan', 'write', 'review', ...(end.accepted ? [] : ['write', 'review'])])
  expect(sent[1]?.messages[1]?.content).toContain(end.plan)
  expect(sent[2]?.format).toMatchObject({ type: 'object', required: ['accepted', 'remarks'] })
  for (const { options } of sent) expect(options.num_ctx).toBe(8_192)

  await bench.usage.drain()
  const jobs = await bench.store.jobs.list({ kind: 'infer' }, 20)
  expect(jobs.map(({ requestedBy, outcome }) => `${requestedBy} ${outcome}`)).toEqual(
    sent.map(() => 'key:langgraph answered'),
  )
})

it('fails when its key may not infer', async () => {
  const { key } = await bench.key(['read'])
  const agent = createAgent({ controllerUrl: server.url, controllerKey: key, model: MODEL, maxRounds: 1 })
  await expect(agent.invoke({ task: 'x' })).rejects.toThrow(/needs infer/)
})
