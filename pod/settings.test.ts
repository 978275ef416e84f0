import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

const whole = {
  GUARD_PORT: '8080',
  GUARD_TOKEN: 'tok',
  GUARD_DEADLINE: '2026-11-21T14:00:00Z',
  RUNPOD_POD_ID: 'abc',
  RUNPOD_API_KEY: 'key',
  RUNPOD_API_URL: 'http://127.0.0.1:1/v2/',
  GUARD_LOAD_OPTIONS: '{"num_ctx":16384,"shift":false}',
  GUARD_OLLAMA_COMMAND: '/bin/ollama serve',
}

test('reads a whole environment without a problem', () => {
  expect(readSettings(whole)).toMatchObject({
    port: 8_080,
    deadlineAt: Date.parse('2026-11-21T14:00:00Z'),
    apiUrl: 'http://127.0.0.1:1/v2',
    loadOptions: { num_ctx: 16_384, shift: false },
    ollamaCommand: ['/bin/ollama', 'serve'],
    heartbeatMs: 900_000,
    bootGraceMs: 1_500_000,
    idleMs: 720_000,
    removeEveryMs: 60_000,
    problems: [],
  })
})

test.each([
  ['1795269600', 1_795_269_600_000],
  ['1795269600123', 1_795_269_600_123],
  ['2026-11-21T14:00:00Z', 1_795_269_600_000],
  ['tomorrow', 0],
  ['', 0],
])('the deadline %j is %i: what cannot be read is past', (text, deadlineAt) => {
  expect(readSettings({ ...whole, GUARD_DEADLINE: text }).deadlineAt).toBe(deadlineAt)
})

test('an empty environment still makes a guard: nobody is let in, and the pod is ended at once', () => {
  const settings = readSettings({})
  expect(settings).toMatchObject({ token: null, deadlineAt: 0, ollamaUrl: 'http://127.0.0.1:11434', port: 8_080 })
  expect(settings.problems).toHaveLength(2)
})

test('broken values are told and replaced, never thrown', () => {
  const settings = readSettings({ ...whole, GUARD_PORT: 'eighty', GUARD_LOAD_OPTIONS: '[1]', GUARD_IDLE_MS: '-5' })
  expect(settings).toMatchObject({ port: 8_080, loadOptions: {}, idleMs: 720_000 })
  expect(settings.problems).toHaveLength(3)
})
