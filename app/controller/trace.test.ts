import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOtelTelemetry } from '../../adapters/telemetry/otel-telemetry.ts'
import type { Telemetry } from '../../ports/telemetry.ts'
import { attributesOf, type ExportedSpan, startCollector } from '../../sandbox/e2e/__support__/start-collector.ts'
import { type EmulatedOllama, startOllama } from '../../sandbox/ollama/start.ts'
import { createControllerBench, enginesAt, MODEL } from './__support__/controller-bench.ts'

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const [, TRACE_ID, CALLER_SPAN] = CALLER.split('-')
const SERVER = 2
const CLIENT = 3
const FAILED = 2
const GITHUB_TOKEN = `ghp_${'a1B2'.repeat(9)}`

let ollama: EmulatedOllama
const ends: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  ollama = await startOllama({ models: [MODEL, 'nomic-embed-text'] })
})
afterAll(async () => {
  for (const end of ends) await end()
  await ollama.stop()
})

async function setUp({ withPrompts = false, url = ollama.url } = {}) {
  const collector = await startCollector()
  ends.push(collector.stop)
  const telemetry: Telemetry = createOtelTelemetry({
    endpoint: collector.url,
    headers: {},
    serviceVersion: '0',
    sampleRatio: 1,
  })
  const bench = createControllerBench({ engines: enginesAt(url), tracing: { telemetry, withPrompts } })
  const { key } = await bench.key(['infer'], 'agent')
  return {
    bench,
    key,
    ask: (path: string, body: unknown, init: RequestInit = {}) =>
      bench.app.request(path, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', traceparent: CALLER },
        body: JSON.stringify(body),
        ...init,
      }),
    /** Every span, once the exporter has sent them. */
    async spans(): Promise<readonly ExportedSpan[]> {
      await bench.close()
      await telemetry.close()
      return collector.spans
    },
  }
}

const messages = [{ role: 'user', content: 'hello' }]

describe('a call from outside', () => {
  it.each([
    ['/infer', { prompt: 'hello', options: { temperature: 0, seed: 7 } }, 'chat'],
    ['/infer', { prompt: 'hello', stream: true, options: { temperature: 0, seed: 7 } }, 'chat'],
    ['/api/chat', { model: MODEL, messages, options: { temperature: 0, seed: 7 } }, 'chat'],
    [
      '/api/generate',
      { model: MODEL, prompt: 'x', stream: false, options: { temperature: 0, seed: 7 } },
      'text_completion',
    ],
    ['/v1/chat/completions', { model: MODEL, messages, temperature: 0, seed: 7 }, 'chat'],
    ['/v1/chat/completions', { model: MODEL, messages, stream: true, temperature: 0, seed: 7 }, 'chat'],
  ])('%s %j is a span of the caller’s trace, with the call to the model below it', async (path, body, operation) => {
    const { ask, spans } = await setUp()
    const answer = await ask(path, body)
    expect(answer.status).toBe(200)
    await answer.text()
    const all = await spans()
    expect(all.map(({ name }) => name).sort()).toEqual([`POST ${path}`, `${operation} ${MODEL}`].sort())
    const [server] = all.filter(({ kind }) => kind === SERVER)
    const [model] = all.filter(({ kind }) => kind === CLIENT)
    expect(server).toMatchObject({ traceId: TRACE_ID, parentSpanId: CALLER_SPAN })
    expect(model).toMatchObject({ traceId: TRACE_ID, parentSpanId: server?.spanId })
    if (!server || !model) throw new Error('a span is missing')
    expect(Object.fromEntries(attributesOf(server))).toMatchObject({
      'http.request.method': 'POST',
      'http.route': path,
      'http.response.status_code': 200,
      'devloop.key': 'agent',
      'devloop.request.id': answer.headers.get('x-request-id'),
    })
    expect(Object.fromEntries(attributesOf(model))).toMatchObject({
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': 'ollama',
      'gen_ai.request.model': MODEL,
      'gen_ai.request.seed': 7,
      'gen_ai.output.type': 'text',
      'gen_ai.response.model': MODEL,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'server.address': new URL(ollama.url).host,
    })
    expect(Number(attributesOf(model).get('gen_ai.usage.output_tokens'))).toBeGreaterThan(0)
    expect(JSON.stringify(all)).not.toContain('hello')
  })

  it('counts the tokens of an embedding, however long it is', async () => {
    const { ask, spans } = await setUp()
    const input = Array.from({ length: 40 }, (_, index) => `sentence ${index}`)
    const answer = await ask('/v1/embeddings', { model: 'nomic-embed-text', input })
    expect((await answer.text()).length).toBeGreaterThan(8_192)
    const found = (await spans()).find(({ name }) => name === 'embeddings nomic-embed-text')
    if (!found) throw new Error('the span is missing')
    expect(Number(attributesOf(found).get('gen_ai.usage.input_tokens'))).toBeGreaterThan(40)
    expect(attributesOf(found).has('gen_ai.usage.output_tokens')).toBe(false)
  })

  it('begins a trace of its own without a traceparent, or with one that is none', async () => {
    const { ask, key, spans } = await setUp()
    for (const traceparent of [undefined, 'x', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
      const headers = { authorization: `Bearer ${key}`, ...(traceparent ? { traceparent } : {}) }
      await (
        await ask('/infer', { prompt: 'hello' }, { headers: { ...headers, 'content-type': 'application/json' } })
      ).text()
    }
    const servers = (await spans()).filter(({ kind }) => kind === SERVER)
    expect(new Set(servers.map(({ traceId }) => traceId)).size).toBe(3)
    expect(servers.filter(({ parentSpanId }) => parentSpanId)).toEqual([])
  })

  it('that a stranger makes leaves no span, and invented paths share one name', async () => {
    const { ask, spans } = await setUp()
    await ask('/api/chat', {}, { headers: { traceparent: CALLER } })
    for (const path of ['/api/pull', '/api/x1', '/api/x2']) await (await ask(path, {})).text()
    expect([...new Set((await spans()).map(({ name }) => name))]).toEqual(['POST unknown'])
  })
})

describe('prompts and answers', () => {
  it.each([
    ['/infer', { prompt: `Keep ${GITHUB_TOKEN} safe` }],
    ['/api/chat', { model: MODEL, messages: [{ role: 'user', content: `Keep ${GITHUB_TOKEN} safe` }] }],
    ['/api/generate', { model: MODEL, prompt: `Keep ${GITHUB_TOKEN} safe` }],
    ['/v1/chat/completions', { model: MODEL, messages: [{ role: 'user', content: `Keep ${GITHUB_TOKEN} safe` }] }],
  ])('of %s stand in the span only by opt-in, without secrets', async (path, body) => {
    const { ask, spans } = await setUp({ withPrompts: true })
    await (await ask(path, body)).text()
    const all = await spans()
    const model = all.find(({ kind }) => kind === CLIENT)
    if (!model) throw new Error('the span is missing')
    expect(attributesOf(model).get('gen_ai.input.messages')).toMatch(/"role":"user".*Keep \[secret: .*\] safe/)
    expect(attributesOf(model).get('gen_ai.output.messages')).toMatch(
      /"role":"assistant","parts":\[\{"type":"text","content":"./,
    )
    expect(JSON.stringify(all)).not.toContain(GITHUB_TOKEN)
  })
})

describe('a call that fails', () => {
  it.each([
    ['an engine that is not there', 'http://127.0.0.1:1', '/infer', { prompt: 'x' }, 503, 'not-ready'],
    ['a model that is not there', undefined, '/api/chat', { model: 'nobody:1b', messages }, 404, undefined],
  ])('%s marks its spans', async (_name, url, path, body, status, code) => {
    const { ask, spans } = await setUp(url === undefined ? {} : { url })
    const answer = await ask(path, body)
    expect(answer.status).toBe(status)
    await answer.text()
    const all = await spans()
    const model = all.find(({ kind }) => kind === CLIENT)
    const server = all.find(({ kind }) => kind === SERVER)
    expect(model?.status.code).toBe(FAILED)
    if (model && code) expect(attributesOf(model).get('error.type')).toBe(code)
    expect(server?.status.code === FAILED).toBe(status >= 500)
  })

  it('because the client went away says so, and still ends', async () => {
    const { ask, spans } = await setUp()
    const answer = await ask('/api/chat', { model: MODEL, messages })
    const reader = answer.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    const all = await spans()
    const model = all.find(({ kind }) => kind === CLIENT)
    expect(all).toHaveLength(2)
    expect(model && attributesOf(model).get('error.type')).toBe('aborted')
  })
})
