import { afterEach, expect, test } from 'vitest'
import type { OllamaOptions } from './settings.ts'
import { type EmulatedOllama, startOllama } from './start.ts'

const tag = 'qwen2.5-coder:7b'
let running: EmulatedOllama | undefined

afterEach(() => running?.stop())

async function start(options: OllamaOptions = {}): Promise<EmulatedOllama> {
  running = await startOllama({ models: [tag], ...options })
  return running
}

function post(server: EmulatedOllama, path: string, body: unknown): Promise<Response> {
  return fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
}

test('streams one object per line and ends with counters in nanoseconds', async () => {
  const server = await start()
  const reply = await post(server, '/api/chat', { model: tag, messages: [{ role: 'user', content: 'hello' }] })
  const lines = (await reply.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(reply.headers.get('content-type')).toBe('application/x-ndjson')
  expect(lines.slice(0, -1).every((line) => line.done === false)).toBe(true)
  expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop', prompt_eval_count: 5 })
  expect(lines.at(-1).eval_duration).toBeGreaterThan(0)
})

test('says of itself that it is a stand-in', async () => {
  const server = await start()
  const version = await (await fetch(`${server.url}/api/version`)).json()
  const shown = await (await post(server, '/api/show', { model: tag })).json()
  expect(version).toMatchObject({ sandbox: expect.stringContaining('no language model') })
  expect(shown).toMatchObject({ model_info: { 'general.name': expect.stringContaining('stand-in') } })
})
