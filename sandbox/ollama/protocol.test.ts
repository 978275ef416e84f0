import { request as openRequest } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { SandboxClock } from './clock.ts'
import type { OllamaFaultName } from './faults.ts'
import type { OllamaOptions } from './settings.ts'
import { type EmulatedOllama, startOllama } from './start.ts'

const tag = 'qwen2.5-coder:7b'
const thinker = 'deepseek-r1:14b'
let running: EmulatedOllama | undefined

afterEach(() => running?.stop())

async function start(options: OllamaOptions = {}): Promise<EmulatedOllama> {
  running = await startOllama({ models: [tag, thinker, 'nomic-embed-text'], ...options })
  return running
}

function post(server: EmulatedOllama, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body), ...(signal ? { signal } : {}) })
}

// biome-ignore lint/suspicious/noExplicitAny: the tests look into replies of every shape
type Anything = any

async function whole(reply: Response): Promise<Anything> {
  return reply.json()
}

function ask(server: EmulatedOllama, content: string, more: object = {}): Promise<Response> {
  return post(server, '/api/chat', { model: tag, stream: false, messages: [{ role: 'user', content }], ...more })
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(condition()).toBe(true)
}

test('answers 404 for a model that is not on disk, 400 without one, and 400 to a broken body', async () => {
  const server = await start()
  expect((await ask(server, 'x', { model: 'nobody:1b' })).status).toBe(404)
  expect((await ask(server, 'x', { model: '' })).status).toBe(400)
  expect((await fetch(`${server.url}/api/chat`, { method: 'POST', body: '{' })).status).toBe(400)
  expect((await fetch(`${server.url}/api/chat`, { method: 'POST' })).status).toBe(400)
  expect((await ask(server, 'x', { options: { num_ctx: 'many' } })).status).toBe(400)
})

test('loads, unloads and expires by keep_alive', async () => {
  const server = await start({ keepAliveMs: 60 })
  expect(await whole(await post(server, '/api/generate', { model: tag, keep_alive: -1 }))).toMatchObject({
    done: true,
    done_reason: 'load',
  })
  expect(server.memory().loaded).toEqual([tag])
  expect(await whole(await post(server, '/api/generate', { model: tag, keep_alive: 0 }))).toMatchObject({
    done_reason: 'unload',
  })
  expect(server.memory().loaded).toEqual([])
  await ask(server, 'hello')
  await until(() => server.memory().loaded.length === 0)
})

test('a changed load-time option loads the model again, an ordinary one does not', async () => {
  const server = await start()
  await ask(server, 'a', { options: { num_ctx: 8_192 }, shift: false })
  await ask(server, 'b', { options: { num_ctx: 8_192, temperature: 0, seed: 3 }, shift: false })
  expect(server.memory()).toMatchObject({ loads: 1, reloads: 0 })
  await ask(server, 'c', { options: { num_ctx: 4_096 }, shift: false })
  await ask(server, 'd', { options: { num_ctx: 4_096 } })
  expect(server.memory()).toMatchObject({ loads: 3, reloads: 2 })
})

const long = 'word '.repeat(3_000)

test('a prompt too long for the defaults is cut to half the window, with 200 and no flag', async () => {
  const server = await start()
  const reply = await ask(server, long, { options: { num_ctx: 2_048 } })
  expect(reply.status).toBe(200)
  expect(await whole(reply)).toMatchObject({ done: true, done_reason: 'stop', prompt_eval_count: 1_024 })
})

test('older messages vanish silently before the prompt is cut', async () => {
  const server = await start()
  const messages = [
    { role: 'system', content: 'be brief' },
    { role: 'user', content: long },
    { role: 'user', content: 'hello' },
  ]
  const reply = await post(server, '/api/chat', { model: tag, stream: false, messages, options: { num_ctx: 2_048 } })
  expect((await whole(reply)).prompt_eval_count).toBeLessThan(30)
})

test.each([
  ['shift:false', { shift: false }, /longer than the context length currently available/],
  ['shift:false and truncate:false', { shift: false, truncate: false }, /exceed_context_size_error/],
])('%s refuses a prompt that is too long', async (_name, more, text) => {
  const server = await start()
  const reply = await ask(server, long, { options: { num_ctx: 2_048 }, ...more })
  expect(reply.status).toBe(400)
  expect((await whole(reply)).error).toMatch(text)
})

test('a model that renders its own template refuses instead of cutting', async () => {
  const server = await start({ selfRendered: [tag] })
  expect((await ask(server, long, { options: { num_ctx: 2_048 } })).status).toBe(400)
})

test('output that reaches num_predict or the window ends with length', async () => {
  const server = await start()
  const short = await whole(await ask(server, 'hello there', { options: { num_predict: 3 } }))
  expect(short).toMatchObject({ done_reason: 'length', eval_count: 3 })
  const full = await whole(await ask(server, 'word '.repeat(60), { options: { num_ctx: 72 }, shift: false }))
  expect(full.done_reason).toBe('length')
  expect(full.eval_count + full.prompt_eval_count).toBe(72)
})

test('thoughts come first, count, and can be turned off; another model refuses to think', async () => {
  const server = await start()
  const thought = await whole(await ask(server, 'x', { model: thinker }))
  const silent = await whole(await ask(server, 'x', { model: thinker, think: false }))
  expect(thought.message.thinking).not.toBe('')
  expect(silent.message.thinking).toBeUndefined()
  expect(thought.eval_count).toBeGreaterThan(silent.eval_count)
  const refused = await ask(server, 'x', { think: true })
  expect(refused.status).toBe(400)
  expect((await whole(refused)).error).toBe(`"${tag}" does not support thinking`)
})

test('a foreign Host gets 403 and an empty body, a local one does not', async () => {
  const server = await start()
  const statusFor = (host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = openRequest(`${server.url}/api/tags`, { headers: { host } }, (reply) => {
        reply.resume()
        resolve(reply.statusCode ?? 0)
      })
      request.on('error', reject).end()
    })
  expect(await statusFor('pod-8080.proxy.example')).toBe(403)
  expect(await statusFor('localhost:11434')).toBe(200)
  expect(await statusFor('box.internal')).toBe(200)
})

test('a client that leaves while the model loads aborts the load', async () => {
  const clock = new SandboxClock({ frozenAt: 1_000 })
  const server = await start({ clock, speed: { loadBytesPerSecond: 1e9 } })
  const leaving = new AbortController()
  const gone = post(server, '/api/chat', { model: tag, messages: [{ role: 'user', content: 'x' }] }, leaving.signal)
  await until(() => server.memory().loads === 1)
  leaving.abort()
  await expect(gone).rejects.toThrow()
  await until(() => server.calls[0]?.aborted === true)
  clock.advance(3_600_000)
  expect(server.memory()).toMatchObject({ loads: 1, loaded: [] })
})

test('requests beyond the parallel slots wait, and beyond the queue get 503', async () => {
  const clock = new SandboxClock({ frozenAt: 1_000 })
  const server = await start({
    clock,
    parallel: 1,
    maxQueue: 1,
    speed: { loadBytesPerSecond: Number.POSITIVE_INFINITY },
  })
  const statuses: number[] = []
  const send = async (content: string): Promise<Anything> => {
    const reply = await ask(server, content)
    statuses.push(reply.status)
    return whole(reply)
  }
  const first = send('one')
  await until(() => server.memory().loaded.length === 1)
  const others = [send('two'), send('three')]
  await until(() => statuses.length === 1)
  expect(statuses).toEqual([503])
  await until(() => {
    clock.advance(100)
    return statuses.length === 3
  })
  expect(statuses).toEqual([503, 200, 200])
  await first
  const errors = (await Promise.all(others)).map((reply) => reply.error).filter((error) => error !== undefined)
  expect(errors).toEqual(['server busy, please try again.  maximum pending requests exceeded'])
})

test('tools are refused by a model that cannot call them', async () => {
  const server = await start({ models: ['codestral:22b'] })
  const refused = await ask(server, 'x', { model: 'codestral:22b', tools: [{ type: 'function' }] })
  expect([refused.status, (await whole(refused)).error]).toEqual([400, '"codestral:22b" does not support tools'])
})

test('pulls with progress per layer; only the last line says success; an unknown tag is an error line', async () => {
  const server = await start({ models: [] })
  const read = async (model: string) =>
    (await (await post(server, '/api/pull', { model })).text())
      .trim()
      .split('\n')
      .map((line): Anything => JSON.parse(line))
  const lines = await read('mistral:7b')
  expect(lines[0]).toEqual({ status: 'pulling manifest' })
  expect(lines[1].completed).toBeUndefined()
  expect(lines.at(-1)).toEqual({ status: 'success' })
  expect((await read('nobody:1b')).at(-1)).toEqual({ error: 'pull model manifest: file does not exist' })
  const tags = await whole(await fetch(`${server.url}/api/tags`))
  expect(tags.models).toMatchObject([{ name: 'mistral:7b', size: 4_100_000_000 }])
})

test('a pull that was cut leaves its parts, and the next one resumes', async () => {
  const server = await start({ models: [], faults: [{ after: '/api/pull', fault: 'pull-cut', skip: 0 }] })
  const cut = await (await post(server, '/api/pull', { model: 'mistral:7b' })).text()
  expect(cut).not.toContain('success')
  expect(await (await post(server, '/api/pull', { model: 'mistral:7b' })).text()).toContain('success')
})

test('a model larger than video memory shows size_vram below size', async () => {
  const server = await start({ gpu: { vramBytes: 4 * 1024 ** 3 } })
  await ask(server, 'x')
  const [model] = (await whole(await fetch(`${server.url}/api/ps`))).models
  expect(model.size_vram).toBeLessThan(model.size)
  expect(model.context_length).toBe(4_096)
})

test('the default window follows the video memory', async () => {
  const server = await start({ gpu: { vramBytes: 24 * 1024 ** 3 } })
  await ask(server, 'x')
  expect((await whole(await fetch(`${server.url}/api/ps`))).models[0].context_length).toBe(32_768)
})

test('embeds alike texts close together', async () => {
  const server = await start()
  const input = ['the loop runs past the end', 'the loop runs beyond the end', 'prices in euro']
  const { embeddings } = await whole(await post(server, '/api/embed', { model: 'nomic-embed-text', input }))
  const dot = (a: number[], b: number[]): number => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
  expect(dot(embeddings[0], embeddings[1])).toBeGreaterThan(dot(embeddings[0], embeddings[2]))
})

test.each(['bytes', 'joined'] as const)('chunk borders "%s" change no content', async (chunks) => {
  const server = await start({ chunks })
  const plain = await post(server, '/api/chat', { model: tag, messages: [{ role: 'user', content: 'größe “x”' }] })
  const lines = (await plain.text())
    .trim()
    .split('\n')
    .map((line): Anything => JSON.parse(line))
  expect(lines.map((line) => line.message.content).join('')).toContain('größe “x”')
  expect(lines.at(-1).done).toBe(true)
})

test('the OpenAI routes answer in their own shape, streamed as events too', async () => {
  const server = await start()
  const body = { model: tag, messages: [{ role: 'user', content: 'hello' }] }
  const plain = await whole(await post(server, '/v1/chat/completions', body))
  expect(plain).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] })
  expect(plain.usage.total_tokens).toBe(plain.usage.prompt_tokens + plain.usage.completion_tokens)
  const streamed = await (await post(server, '/v1/chat/completions', { ...body, stream: true })).text()
  expect(streamed.trim().split('\n\n').at(-1)).toBe('data: [DONE]')
  const missing = await post(server, '/v1/chat/completions', { ...body, model: 'nobody' })
  expect([missing.status, (await whole(missing)).error.type]).toEqual([404, 'not_found_error'])
  expect((await whole(await fetch(`${server.url}/v1/models`))).data).toHaveLength(3)
})

const schema = { type: 'object', properties: { word: { type: 'string', enum: ['a', 'b'] } }, required: ['word'] }

async function contentWith(fault: OllamaFaultName): Promise<Anything> {
  const server = await start({ faults: [{ after: '/api/chat', fault }] })
  return whole(await ask(server, 'choose', { format: schema }))
}

test('format is kept, and on demand broken in each of its ways', async () => {
  const server = await start()
  expect(JSON.parse((await whole(await ask(server, 'choose', { format: schema }))).message.content)).toEqual({
    word: 'a',
  })
  await running?.stop()
  for (const fault of [
    'garbage',
    'empty',
    'cut-json',
    'ignore-format',
    'fenced',
    'prose-before',
    'thinking-in-content',
  ] as const) {
    const { message } = await contentWith(fault)
    expect(() => JSON.parse(message.content), fault).toThrow()
    await running?.stop()
  }
  expect(JSON.parse((await contentWith('schema-breaking')).message.content)).not.toHaveProperty('word')
  await running?.stop()
  expect(await contentWith('only-thinking')).toMatchObject({ done_reason: 'length', message: { content: '' } })
})

test.each([
  ['crash', 500],
  ['busy', 503],
  ['too-long', 400],
  ['forbidden', 403],
  ['html-502', 502],
  ['html-524', 524],
] as const)('fault %s answers %i', async (fault, status) => {
  const server = await start({ faults: [{ after: '/api/chat', fault }] })
  expect((await ask(server, 'x')).status).toBe(status)
  expect((await ask(server, 'x')).status).toBe(200)
})

test.each([
  ['cut', /"done":false\}\n$/],
  ['error-line', /\{"error":"[^"]+"\}\n$/],
  ['looping', /the.*"done":false\}\n$/],
  ['white-space', /"done":false\}\n$/],
] as const)('fault %s ends a stream without done', async (fault, ending) => {
  const server = await start({ faults: [{ after: '/api/chat', fault }] })
  const reply = await post(server, '/api/chat', {
    model: tag,
    format: schema,
    messages: [{ role: 'user', content: 'x' }],
  })
  const text = await reply.text()
  expect(reply.status).toBe(200)
  expect(text).toMatch(ending)
  expect(text).not.toContain('"done":true')
})

test.each(['dies-before-answer', 'dies-after-first-chunk'] as const)(
  'fault %s breaks the connection on the call it is meant for',
  async (fault) => {
    const server = await start({ faults: [{ after: '/api/chat', fault, skip: 1 }] })
    expect((await ask(server, 'x')).status).toBe(200)
    await expect(
      post(server, '/api/chat', { model: tag, messages: [{ role: 'user', content: 'x' }] }).then((reply) =>
        reply.text(),
      ),
    ).rejects.toThrow()
    expect((await ask(server, 'x')).status).toBe(200)
  },
)

test('a never-ending answer stops when the client leaves', async () => {
  const server = await start({ faults: [{ after: '/api/chat', fault: 'never-ending' }] })
  const leaving = new AbortController()
  const reply = await post(
    server,
    '/api/chat',
    { model: tag, messages: [{ role: 'user', content: 'x' }] },
    leaving.signal,
  )
  const reader = reply.body?.getReader()
  for (let turn = 0; turn < 20; turn += 1) expect((await reader?.read())?.done).toBe(false)
  leaving.abort()
  await until(() => server.calls.at(-1)?.aborted === true)
  expect((await ask(server, 'x')).status).toBe(200)
})

test('a huge answer is fifty megabytes', async () => {
  const server = await start({
    faults: [{ after: '/api/chat', fault: 'huge' }],
    speed: { tokensPerSecond: Number.POSITIVE_INFINITY },
  })
  const reply = await post(server, '/api/chat', { model: tag, messages: [{ role: 'user', content: 'x' }] })
  let bytes = 0
  for await (const part of reply.body ?? []) bytes += part.length
  expect(bytes).toBeGreaterThan(50 * 1024 * 1024)
})

test('counters can be missing and the window smaller than asked', async () => {
  const server = await start({
    faults: [
      { after: '/api/chat', fault: 'no-counters' },
      { after: '/api/chat', fault: 'half-context' },
    ],
  })
  expect(await whole(await ask(server, 'x'))).not.toHaveProperty('eval_count')
  await ask(server, 'x', { options: { num_ctx: 8_192 } })
  expect((await whole(await fetch(`${server.url}/api/ps`))).models[0].context_length).toBe(4_096)
})
