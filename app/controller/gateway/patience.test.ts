import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../ports/fakes/fake-clock.ts'
import { PodsError } from '../../../ports/errors.ts'
import { createControllerBench, enginesAt, MODEL } from '../__support__/controller-bench.ts'

const RENT_MS = 70_000
const native = [
  { message: { role: 'assistant', content: 'Hel' }, done: false },
  { message: { role: 'assistant', content: 'lo' }, done: false },
  { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2 },
].map((piece) => `${JSON.stringify({ model: MODEL, ...piece })}\n`)
const whole = JSON.stringify({
  model: MODEL,
  message: { role: 'assistant', content: 'Hello' },
  done: true,
  done_reason: 'stop',
  prompt_eval_count: 3,
  eval_count: 2,
})

async function setUp(rent: 'ready' | 'no-capacity') {
  const clock = createFakeClock()
  const fixed = enginesAt('http://engine.test')
  const bench = createControllerBench({
    clock,
    engines: {
      async acquire(demand) {
        await clock.sleep(RENT_MS)
        if (rent === 'ready') return fixed.acquire(demand)
        throw new PodsError({ code: 'no-capacity', owner: 'retry', message: 'No GPU is free.', remedy: 'Try later.' })
      },
    },
    fetch: async (_url, init) => new Response(String(init.body).includes('"stream":true') ? native.join('') : whole),
  })
  return { clock, bench, key: (await bench.key(['infer'])).key }
}

/** What came by when: nothing before the first keep-alive byte, some while the pod is rented, the answer at its end. */
async function askWhileRenting(path: string, stream: boolean, rent: 'ready' | 'no-capacity' = 'ready') {
  const { clock, bench, key } = await setUp(rent)
  const request = { model: MODEL, messages: [{ role: 'user', content: 'hi' }], stream }
  let status = 0
  let text = ''
  let ended = false
  const headers = { authorization: `Bearer ${key}` }
  const asked = Promise.resolve(bench.app.request(path, { method: 'POST', headers, body: JSON.stringify(request) }))
  const reading = asked.then(async (answer) => {
    status = answer.status
    const decoder = new TextDecoder()
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk, { stream: true })
    ended = true
  })
  await clock.advance(9_000)
  const silent = status
  await clock.advance(50_000)
  const waiting = text
  await clock.advance(20_000)
  await reading
  return { silent, waiting, status, answer: text.slice(waiting.length), text, ended }
}

describe('while a pod is rented', () => {
  it.each([
    ['Ollama lines', '/api/chat', true],
    ['an Ollama object', '/api/chat', false],
    ['OpenAI events', '/v1/chat/completions', true],
    ['an OpenAI object', '/v1/chat/completions', false],
  ])('%s stay alive, and the answer is as valid as ever', async (_name, path, stream) => {
    const { silent, waiting, status, text, answer, ended } = await askWhileRenting(path, stream)
    expect([silent, status, ended]).toEqual([0, 200, true])
    expect(waiting.length).toBeGreaterThanOrEqual(4)
    if (path === '/api/chat' && stream) {
      expect(waiting.trim()).toBe('')
      const content = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).message.content)
      expect(content.join('')).toBe('Hello')
    } else if (path === '/api/chat') expect(JSON.parse(text)).toEqual(JSON.parse(whole))
    else if (stream) {
      expect(waiting.split('\n').filter((line) => line !== '' && !line.startsWith(':'))).toEqual([])
      const events = answer.split('\n').filter((line) => line.startsWith('data: '))
      expect(events.at(-1)).toBe('data: [DONE]')
      const said = events.slice(0, -1).map((line) => JSON.parse(line.slice(6)).choices[0].delta.content ?? '')
      expect(said.join('')).toBe('Hello')
    } else expect(JSON.parse(text).choices[0].message.content).toBe('Hello')
  })

  it.each([
    ['Ollama lines', '/api/chat', true, (text: string) => JSON.parse(text).error],
    ['an Ollama object', '/api/chat', false, (text: string) => JSON.parse(text).error],
    [
      'OpenAI events',
      '/v1/chat/completions',
      true,
      (text: string) => JSON.parse(text.split('data: ')[1] ?? '').error.message,
    ],
    ['an OpenAI object', '/v1/chat/completions', false, (text: string) => JSON.parse(text).error.message],
  ])('%s say it in their own words when there is none to be had', async (_name, path, stream, errorOf) => {
    const { text, ended } = await askWhileRenting(path, stream, 'no-capacity')
    expect(ended).toBe(true)
    expect(errorOf(text)).toBe('No GPU is free. Try later.')
    expect(text).not.toContain('[DONE]')
  })
})

describe('an engine that fails at once', () => {
  it.each([
    ['/api/chat', { error: 'model "x" not found' }],
    ['/v1/chat/completions', { error: { message: 'model "x" not found' } }],
  ])('keeps its status and words at %s', async (path, said) => {
    const bench = createControllerBench({
      engines: enginesAt('http://engine.test'),
      fetch: async () => Response.json({ error: 'model "x" not found' }, { status: 404 }),
    })
    const { key } = await bench.key(['infer'])
    const body = JSON.stringify({ model: MODEL, messages: [], stream: true })
    const answer = await bench.app.request(path, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(await answer.json()).toMatchObject(said)
    await bench.close()
  })

  it('that breaks off in the middle of an OpenAI stream ends in an error, never in [DONE]', async () => {
    const bench = createControllerBench({
      engines: enginesAt('http://engine.test'),
      fetch: async () => {
        const pieces = native.slice(0, 1)
        return new Response(
          new ReadableStream({
            pull(sink) {
              const next = pieces.shift()
              if (next === undefined) sink.error(new Error('socket hang up'))
              else sink.enqueue(new TextEncoder().encode(next))
            },
          }),
        )
      },
    })
    const { key } = await bench.key(['infer'])
    const body = JSON.stringify({ model: MODEL, messages: [], stream: true })
    const headers = { authorization: `Bearer ${key}` }
    const text = await (await bench.app.request('/v1/chat/completions', { method: 'POST', headers, body })).text()
    expect(text).toContain('Hel')
    expect(text).toContain('"code":"not-ready"')
    expect(text).not.toContain('[DONE]')
    await bench.close()
    const [row] = await bench.store.jobs.list({}, 1)
    expect(row?.state).toBe('failed')
  })
})
