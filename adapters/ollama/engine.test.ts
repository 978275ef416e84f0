import { describe, expect, test } from 'vitest'
import { ModelError } from '../../ports/errors.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import type { Fetch, StreamedReply } from '../../ports/fetch.ts'
import type { ChatRequest } from '../../ports/model.ts'
import { OllamaEngine, type OllamaLimits } from './engine.ts'

interface Sent {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: Record<string, unknown>
  readonly signal: AbortSignal
}

interface Scripted {
  readonly status?: number
  readonly text?: string
  readonly lines?: readonly unknown[]
  /** What happens after the last chunk; the default is an orderly end. */
  readonly after?: 'silence' | 'cut'
}

/** Answers the scripted replies in order and keeps what it was asked; refuses what was not prepared. */
function scripted(replies: readonly Scripted[]) {
  const sent: Sent[] = []
  const fetch: Fetch<StreamedReply> = async (url, init) => {
    const reply = replies[sent.length]
    sent.push({
      url,
      headers: init.headers,
      body: init.body === undefined ? {} : JSON.parse(init.body),
      signal: init.signal,
    })
    if (reply === undefined) throw new TypeError('fetch failed: nothing was prepared')
    const text = reply.text ?? (reply.lines ?? []).map((line) => `${JSON.stringify(line)}\n`).join('')
    return {
      status: reply.status ?? 200,
      headers: { get: () => null },
      body: bytesOf(text, reply.after, init.signal),
      text: async () => text,
    }
  }
  return { fetch, sent }
}

async function* bytesOf(text: string, after: Scripted['after'], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (text !== '') yield new TextEncoder().encode(text)
  if (after === 'cut') throw new TypeError('terminated')
  if (after === 'silence') await aborted(signal)
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}

const REQUEST: ChatRequest = {
  model: 'qwen3-coder:30b',
  messages: [{ role: 'user', content: 'hello' }],
  load: { contextTokens: 8_192 },
  maxOutputTokens: 256,
  temperature: 0,
  seed: 7,
}
const NEVER = new AbortController().signal
const piece = (content: string) => ({ model: 'qwen3-coder:30b', message: { role: 'assistant', content }, done: false })
const end = (more: object = {}) => ({
  model: 'qwen3-coder:30b',
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 100,
  eval_count: 5,
  load_duration: 2_000_000,
  ...more,
})

function engineOf(replies: readonly Scripted[], limits: Partial<OllamaLimits> = {}, token: string | null = null) {
  const { fetch, sent } = scripted(replies)
  const clock = createFakeClock()
  const parts = { fetch, clock, random: createSeededRandom(1), limits }
  return { engine: new OllamaEngine(parts, { url: 'http://ollama.test', token }), sent, clock }
}

async function errorOf(call: Promise<unknown>): Promise<ModelError> {
  const error = await call.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  expect(error).toBeInstanceOf(ModelError)
  return error as ModelError
}

test('a whole stream becomes one answer, with counters and the pieces told as they come', async () => {
  const { engine, sent } = engineOf([{ lines: [piece('Hel'), piece('lo'), end()] }])
  const pieces: string[] = []
  const answer = await engine.chat(REQUEST, { signal: NEVER, onPiece: ({ text }) => pieces.push(text) })
  expect(answer).toEqual({
    content: 'Hello',
    model: 'qwen3-coder:30b',
    promptTokens: 100,
    completionTokens: 5,
    loadMs: 2,
    promptMs: 0,
    evalMs: 0,
  })
  expect(pieces).toEqual(['Hel', 'lo'])
  expect(sent[0]?.body).toEqual({
    model: 'qwen3-coder:30b',
    messages: REQUEST.messages,
    stream: true,
    shift: false,
    truncate: false,
    keep_alive: '10m',
    options: { num_ctx: 8_192, num_predict: 256, temperature: 0, seed: 7 },
  })
})

test('absent counters are zero, never NaN', async () => {
  const { engine } = engineOf([{ lines: [piece('x'), { done: true, done_reason: 'stop' }] }])
  const answer = await engine.chat(REQUEST, { signal: NEVER })
  expect([answer.promptTokens, answer.completionTokens, answer.loadMs, answer.promptMs]).toEqual([0, 0, 0, 0])
})

test('a guard gets its token, is asked for signs of life, and keeps the model for ever', async () => {
  const { engine, sent } = engineOf([{ lines: [piece('x'), end()] }], {}, 'token-of-the-pod')
  await engine.chat(REQUEST, { signal: NEVER })
  expect(sent[0]?.headers).toMatchObject({
    authorization: 'Bearer token-of-the-pod',
    'x-guard-keep-alive-seconds': '30',
  })
  expect(sent[0]?.body.keep_alive).toBe(-1)
})

const TOO_LONG = 'the prompt is longer than the context length currently available to the model; shorten it'
const LLAMA_TOO_LONG =
  '{"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (8192 tokens)","type":"exceed_context_size_error"}}'

describe('every other end is an error of its own', () => {
  test.each<[string, Scripted, string]>([
    ['length', { lines: [piece('{"a"'), end({ done_reason: 'length' })] }, 'output-limit'],
    ['no last line', { lines: [piece('half')] }, 'incomplete'],
    ['done:false at the end', { lines: [piece('half'), { done: false }] }, 'incomplete'],
    ['a last line without a reason', { lines: [piece('x'), { done: true }] }, 'incomplete'],
    [
      'an error line after content',
      { lines: [piece('x'), { error: 'model runner has unexpectedly stopped' }] },
      'crashed',
    ],
    ['an error line that the guard could not send as 400', { lines: [{ error: TOO_LONG, status: 400 }] }, 'too-long'],
    [
      'an error line that the guard could not send as 404',
      { lines: [{ error: 'model "x" not found', status: 404 }] },
      'model-missing',
    ],
    ['a cut connection', { lines: [piece('x')], after: 'cut' }, 'incomplete'],
    ['empty content', { lines: [end()] }, 'incomplete'],
    [
      'thoughts but no content',
      { lines: [{ message: { content: '', thinking: 'hm '.repeat(99) } }, end()] },
      'incomplete',
    ],
    [
      'white space without end',
      { lines: [piece('{'), ...Array.from({ length: 1_001 }, () => piece('\n'))], after: 'silence' },
      'incomplete',
    ],
    ['a line that is not JSON', { text: '{"message":{"content":"x"}}\nnonsense\n' }, 'unreadable'],
    ['half the window', { lines: [piece('x'), end({ prompt_eval_count: 4_097 })] }, 'truncated-prompt'],
    [
      'far fewer prompt tokens than estimated',
      { lines: [piece('x'), end({ prompt_eval_count: 900 })] },
      'truncated-prompt',
    ],
    ['too long, in Ollama’s words', { status: 400, text: JSON.stringify({ error: TOO_LONG }) }, 'too-long'],
    ['too long, in llama-server’s words', { status: 400, text: JSON.stringify({ error: LLAMA_TOO_LONG }) }, 'too-long'],
    ['another 400', { status: 400, text: '{"error":"model is required"}' }, 'refused-input'],
    ['an unknown model', { status: 404, text: '{"error":"model \'x\' not found"}' }, 'model-missing'],
    ['404 of a proxy', { status: 404, text: '<html>not found</html>' }, 'not-ready'],
    ['502 of a proxy', { status: 502, text: '<html>bad gateway</html>' }, 'not-ready'],
    ['a crash', { status: 500, text: '{"error":"llama-server process has terminated"}' }, 'crashed'],
    ['401', { status: 401, text: '' }, 'unauthorized'],
    ['a foreign Host', { status: 403, text: '' }, 'unauthorized'],
  ])('%s', async (name, reply, code) => {
    const estimatedPromptTokens = name.startsWith('half') ? 5_500 : name.startsWith('far') ? 4_000 : 100
    const { engine } = engineOf([reply])
    const error = await errorOf(engine.chat({ ...REQUEST, estimatedPromptTokens }, { signal: NEVER }))
    expect(error.code).toBe(code)
    if (name === 'a foreign Host') expect(error.remedy).toContain('Host')
  })

  test('nothing listens', async () => {
    const { engine } = engineOf([])
    expect((await errorOf(engine.chat(REQUEST, { signal: NEVER }))).code).toBe('not-ready')
  })

  test('a reply larger than allowed', async () => {
    const { engine } = engineOf([{ lines: Array.from({ length: 50 }, () => piece('0123456789')), after: 'silence' }], {
      maxReplyChars: 400,
    })
    expect((await errorOf(engine.chat(REQUEST, { signal: NEVER }))).code).toBe('reply-too-large')
  })

  test('silence inside a stream, and a stream without end', async () => {
    const quiet = engineOf([{ lines: [piece('x')], after: 'silence' }], { silenceMs: 20 })
    expect((await errorOf(quiet.engine.chat(REQUEST, { signal: NEVER }))).message).toContain('was silent for 20 ms')
    const endless = engineOf([{ lines: [], after: 'silence' }], { chatMs: 20 })
    expect((await errorOf(endless.engine.chat(REQUEST, { signal: NEVER }))).message).toContain(
      'did not end within 20 ms',
    )
  })
})

test('what cannot fit is refused before anything is sent', async () => {
  const { engine, sent } = engineOf([])
  const error = await errorOf(engine.chat({ ...REQUEST, estimatedPromptTokens: 8_000 }, { signal: NEVER }))
  expect([error.code, sent.length]).toEqual(['too-long', 0])
})

test('an aborted call closes its connection and tells nothing more', async () => {
  const { engine, sent } = engineOf([{ lines: [piece('one'), piece('two')], after: 'silence' }])
  const stop = new AbortController()
  const pieces: string[] = []
  const call = engine.chat(REQUEST, {
    signal: stop.signal,
    onPiece: ({ text }) => {
      pieces.push(text)
      stop.abort(new Error('enough'))
    },
  })
  const error = await errorOf(call)
  expect([error.code, error.cause, pieces, sent[0]?.signal.aborted]).toEqual([
    'aborted',
    new Error('enough'),
    ['one'],
    true,
  ])
})

test('a busy server is asked again after growing pauses, and not for ever', async () => {
  const busy = { status: 503, text: '{"error":"server busy, please try again.  maximum pending requests exceeded"}' }
  const once = engineOf([busy, { lines: [piece('x'), end()] }])
  const answered = once.engine.chat(REQUEST, { signal: NEVER })
  await once.clock.runUntil(() => once.sent.length === 2)
  expect((await answered).content).toBe('x')

  const never = engineOf(Array.from({ length: 9 }, () => busy))
  const failed = errorOf(never.engine.chat(REQUEST, { signal: NEVER }))
  await never.clock.advance(60_000)
  expect([(await failed).code, never.sent.length]).toEqual(['busy', 5])
})

test('after a 524 small questions are asked until the engine answers, then the call is sent again, three times at most', async () => {
  const cut = { status: 524, text: '<html>a timeout occurred</html>' }
  const { engine, sent, clock } = engineOf([cut, cut, { text: '{"version":"0.34.0"}' }, { lines: [piece('x'), end()] }])
  const answered = engine.chat(REQUEST, { signal: NEVER })
  await clock.runUntil(() => sent.length === 4)
  expect((await answered).content).toBe('x')
  expect(sent.map(({ url }) => url.replace('http://ollama.test', ''))).toEqual([
    '/api/chat',
    '/api/version',
    '/api/version',
    '/api/chat',
  ])

  const version = { text: '{"version":"0.34.0"}' }
  const hopeless = engineOf([cut, version, cut, version, cut, version])
  const failed = errorOf(hopeless.engine.chat(REQUEST, { signal: NEVER }))
  await hopeless.clock.advance(60_000)
  expect([(await failed).code, hopeless.sent.length]).toEqual(['timeout', 5])
})

test('thinking is asked for as the model permits, and the facts are asked for once', async () => {
  const show = {
    text: JSON.stringify({ capabilities: ['completion'], model_info: { 'qwen3.context_length': 262_144 } }),
  }
  const plain = engineOf([show, { lines: [piece('x'), end()] }, { lines: [piece('y'), end()] }])
  await plain.engine.chat({ ...REQUEST, think: true }, { signal: NEVER })
  await plain.engine.chat({ ...REQUEST, think: true }, { signal: NEVER })
  expect(plain.sent.map(({ url }) => url.slice(18))).toEqual(['/api/show', '/api/chat', '/api/chat'])
  expect(plain.sent[1]?.body).not.toHaveProperty('think')

  const off = engineOf([{ lines: [piece('x'), end()] }])
  await off.engine.chat({ ...REQUEST, think: false }, { signal: NEVER })
  expect(off.sent[0]?.body.think).toBe(false)

  const gptOss = engineOf([{ lines: [piece('x'), end()] }])
  await gptOss.engine.chat({ ...REQUEST, model: 'gpt-oss:20b', think: false }, { signal: NEVER })
  expect(gptOss.sent[0]?.body.think).toBe('low')
})

test('thoughts never reach the answer', async () => {
  const { engine } = engineOf([
    { lines: [{ message: { content: '', thinking: '{"secret":"plan"}' } }, piece('{"a":1}'), end()] },
  ])
  expect((await engine.chat(REQUEST, { signal: NEVER })).content).toBe('{"a":1}')
})

test('facts, tags, version and embeddings are read; an embedding per input or none', async () => {
  const facts = engineOf([
    { text: '{"capabilities":["completion","thinking"],"model_info":{"gptoss.context_length":131072,"x":[]}}' },
  ])
  expect(await facts.engine.showModel('gpt-oss:20b', NEVER)).toEqual({
    capabilities: ['completion', 'thinking'],
    trainedContextTokens: 131_072,
  })
  const tags = engineOf([{ text: '{"models":[{"name":"a:1","digest":"d","size":5,"details":{}}]}' }])
  expect(await tags.engine.listModels(NEVER)).toEqual([{ tag: 'a:1', digest: 'd', sizeBytes: 5 }])
  const version = engineOf([{ text: '{"version":"0.34.0"}' }])
  expect(await version.engine.version(NEVER)).toBe('0.34.0')
  const vectors = engineOf([{ text: '{"embeddings":[[1,2]]}' }, { text: '{"embeddings":[[1,2]]}' }])
  expect(await vectors.engine.embed('m', ['a'], NEVER)).toEqual([[1, 2]])
  expect((await errorOf(vectors.engine.embed('m', ['a', 'b'], NEVER))).code).toBe('unreadable')
  expect(vectors.sent[0]?.body).toEqual({ model: 'm', input: ['a'], truncate: false })
})

test('another service at the address is noticed', async () => {
  const { engine } = engineOf([{ text: '<html>hello</html>' }])
  expect((await errorOf(engine.version(NEVER))).code).toBe('unreadable')
})
