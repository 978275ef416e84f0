import { serve } from '@hono/node-server'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ChatOllama } from '@langchain/ollama'
import { generateText, streamText } from 'ai'
import { Hono } from 'hono'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../../adapters/system/system-random.ts'
import { silentLog } from '../../../ports/log.ts'
import type { EngineLease, Engines, ModelEngine } from '../../../ports/model.ts'
import { type MicroUsd, microUsd, microUsdFromUsd } from '../../../ports/money.ts'
import { type EmulatedOllama, startOllama } from '../../../sandbox/ollama/start.ts'
import { silentTelemetry } from '../../../ports/telemetry.ts'
import { createEngineShare } from '../engine-share.ts'
import { createKey, createKeyring } from '../keys.ts'
import { createUsageLog } from '../usage-log.ts'
import { gatewayRoutes } from './routes.ts'

const MODEL = 'qwen3-coder:30b'
const systemRandom = createSystemRandom()
const load = { contextTokens: 8_192 }

let ollama: EmulatedOllama
let close: () => Promise<void>
let baseUrl: string
let key: string
let restrictedKey: string

beforeAll(async () => {
  ollama = await startOllama({ models: [MODEL, 'nomic-embed-text'] })
  const store = createMemoryStore({ clock: systemClock })
  const world = { keys: store.keys, clock: systemClock, random: systemRandom }
  key = (await createKey({ name: 'agent', scopes: ['infer'], models: null, monthlyMicroUsd: null }, world)).key
  restrictedKey = (
    await createKey({ name: 'small', scopes: ['infer'], models: ['mistral:7b'], monthlyMicroUsd: null }, world)
  ).key
  const share = createEngineShare({
    engines: fixedEngines(ollama.url),
    clock: systemClock,
    random: systemRandom,
    loadOptionsOf: () => load,
  })
  const usage = createUsageLog({ store, clock: systemClock, random: systemRandom, log: silentLog })
  const parts = {
    share,
    usage,
    clock: systemClock,
    fetch: (url: string, init: RequestInit) => fetch(url, init),
    defaultModel: MODEL,
    offeredModels: [MODEL],
    fixedEngine: null,
    loadOptionsOf: () => load,
    budget: { setAside: async (_key: unknown, wanted: MicroUsd) => ({ microUsd: wanted, end: async () => {} }) },
    perRequestMicroUsd: microUsdFromUsd(1),
    waitMs: 10_000,
    tracing: { telemetry: silentTelemetry, withPrompts: false },
  }
  const app = new Hono().route('/', gatewayRoutes(parts, createKeyring(world)))
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info) => {
      baseUrl = `http://127.0.0.1:${info.port}`
      resolve(started)
    })
  })
  close = async () => {
    await share.closeAll()
    await usage.drain()
    await new Promise((resolve) => server.close(resolve))
    await ollama.stop()
  }
})

afterAll(() => close?.())

describe('ordinary clients talk to the gateway as to the engine itself', () => {
  it('the ollama package chats, streams, embeds and lists', async () => {
    const client = new Ollama({ host: baseUrl, headers: { authorization: `Bearer ${key}` } })
    const whole = await client.chat({ model: MODEL, messages: [{ role: 'user', content: 'hello' }] })
    expect(whole.done).toBe(true)
    let streamed = ''
    for await (const piece of await client.chat({
      model: MODEL,
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
    })) {
      streamed += piece.message.content
    }
    expect(streamed).toBe(whole.message.content)
    expect((await client.embed({ model: MODEL, input: ['a', 'b'] })).embeddings).toHaveLength(2)
    expect((await client.list()).models.map((model) => model.name)).toContain(MODEL)
  })

  it('the openai package chats, streams and embeds', async () => {
    const client = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: key })
    const whole = await client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 'hello' }] })
    expect(whole.choices[0]?.finish_reason).toBe('stop')
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0)
    let streamed = ''
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
    })
    for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? ''
    expect(streamed).toBe(whole.choices[0]?.message.content)
    const vectors = await client.embeddings.create({ model: MODEL, input: 'a' })
    expect(vectors.data[0]?.embedding.length).toBeGreaterThan(0)
    expect((await client.models.list()).data.map((model) => model.id)).toContain(MODEL)
  })

  it('LangChain ChatOllama answers', async () => {
    const model = new ChatOllama({ baseUrl, model: MODEL, headers: new Headers({ authorization: `Bearer ${key}` }) })
    expect((await model.invoke('hello')).content).not.toBe('')
  })

  it('the AI SDK generates and streams', async () => {
    const provider = createOpenAICompatible({ name: 'devloop', baseURL: `${baseUrl}/v1`, apiKey: key })
    const { text } = await generateText({ model: provider(MODEL), prompt: 'hello' })
    expect(text).not.toBe('')
    expect(await streamText({ model: provider(MODEL), prompt: 'hello' }).text).toBe(text)
  })
})

describe('the gateway says what the engine says', () => {
  const post = async (base: string, path: string, body: unknown) => {
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    })
    // Durations and times are the engine's own and differ from call to call.
    const lines = (await answer.text()).trim().split('\n')
    return lines.map((line) =>
      Object.fromEntries(Object.entries(JSON.parse(line)).filter(([name]) => !/duration|created_at/.test(name))),
    )
  }
  const options = { num_ctx: load.contextTokens }
  const messages = [{ role: 'user', content: 'const x = [1]; x[1].y' }]
  const format = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] }

  it.each([
    ['/api/chat', { messages, stream: true }],
    ['/api/chat', { messages, stream: false }],
    ['/api/chat', { messages, stream: true, format }],
    ['/api/generate', { prompt: 'hello', stream: true }],
    ['/api/generate', { prompt: 'hello', stream: false, format: 'json' }],
    ['/api/embed', { input: ['a', 'b'] }],
    ['/api/show', {}],
  ])('line for line: %s %j', async (path, body) => {
    const direct = await post(ollama.url, path, { model: MODEL, options, ...body })
    const through = await post(baseUrl, path, { model: MODEL, ...body })
    expect(direct.length).toBeGreaterThan(0)
    expect(through).toEqual(direct)
  })

  const tools = [
    {
      type: 'function',
      function: { name: 'lookup', parameters: { type: 'object', properties: { word: { type: 'string' } } } },
    },
  ]
  const schema = { type: 'json_schema', json_schema: { name: 'answer', schema: format } }
  it.each([
    ['/v1/chat/completions', { messages }],
    ['/v1/chat/completions', { messages, stream: true }],
    ['/v1/chat/completions', { messages, stream: true, stream_options: { include_usage: true } }],
    ['/v1/chat/completions', { messages, response_format: schema }],
    ['/v1/chat/completions', { messages, stream: true, response_format: schema }],
    ['/v1/chat/completions', { messages, tools, stream: true }],
    ['/v1/chat/completions', { messages, tools }],
    ['/v1/embeddings', { input: ['a', 'b'] }],
  ])('event for event: %s %j', async (path, body) => {
    const direct = await openAiEventsOf(ollama.url, path, { model: MODEL, ...body })
    const through = await openAiEventsOf(baseUrl, path, { model: MODEL, ...body })
    expect(direct.length).toBeGreaterThan(0)
    expect(through).toEqual(direct)
  })

  /** What each event says; ids and times are made up by whoever answers. */
  const openAiEventsOf = async (base: string, path: string, body: unknown): Promise<readonly unknown[]> => {
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const isMade = (name: string) => ['id', 'created', 'system_fingerprint'].includes(name)
    const events = (await answer.text()).trim().split('\n\n')
    return events.map((event) => {
      const [, sign = '', json = ''] = /^(data: )?([\s\S]*)$/.exec(event) ?? []
      if (json === '[DONE]') return event
      return [sign, JSON.parse(json, (name, value) => (isMade(name) ? undefined : value))]
    })
  }

  it('names the version and the models of the warm engine', async () => {
    const headers = { authorization: `Bearer ${key}` }
    for (const path of ['/api/version', '/api/tags']) {
      const direct = await (await fetch(`${ollama.url}${path}`)).json()
      expect(await (await fetch(`${baseUrl}${path}`, { headers })).json()).toEqual(direct)
    }
  })
})

describe('the gateway refuses in the words of each protocol', () => {
  const post = (path: string, body: unknown, token = key) =>
    fetch(`${baseUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })

  it.each([
    ['no key', '/api/chat', {}, '', 401],
    ['a wrong key', '/v1/models/../chat/completions', {}, 'dlk_wrong', 401],
    ['broken JSON', '/api/chat', '{"model":', undefined, 400],
    ['an empty body', '/api/generate', '', undefined, 400],
    ['a model outside the list of the key', '/api/chat', { model: MODEL, messages: [] }, 'restricted', 403],
    [
      'a window larger than loaded',
      '/api/chat',
      { model: MODEL, messages: [], options: { num_ctx: 999_999 } },
      undefined,
      422,
    ],
    ['store management', '/api/pull', { model: MODEL }, undefined, 404],
    ['an encoded detour', '/api/%2e%2e/api/pull', { model: MODEL }, undefined, 404],
    ['an encoded slash', '/api%2Fpull', { model: MODEL }, undefined, 404],
    [
      'an unknown model',
      '/api/chat',
      { model: 'nobody:1b', messages: [{ role: 'user', content: 'x' }] },
      undefined,
      404,
    ],
  ])('%s', async (_name, path, body, token, status) => {
    const answer = await post(path, body, token === 'restricted' ? restrictedKey : token)
    expect(answer.status).toBe(status)
  })

  it('never lets a stranger reach the engine', () => {
    expect(ollama.calls.filter((call) => call.path.includes('pull'))).toEqual([])
  })
})

function fixedEngines(url: string): Engines {
  const engine = {} as ModelEngine
  return {
    acquire: async (demand): Promise<EngineLease> => ({
      engine,
      address: { url, token: null },
      model: demand.model,
      digest: null,
      podName: null,
      gpu: null,
      microUsdPerHour: microUsd(0),
      slots: 4,
      readyAt: 0,
      lost: new AbortController().signal,
      costSoFar: () => ({ microUsd: microUsd(0), gpuMs: 0 }),
      release: async () => {},
    }),
  }
}
