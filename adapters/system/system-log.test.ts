import { expect, test } from 'vitest'
import { createSystemLog } from './system-log.ts'

function record(options: Parameters<typeof createSystemLog>[0]) {
  const lines: string[] = []
  return { lines, log: createSystemLog({ ...options, write: (line) => lines.push(line) }) }
}

test('a line is JSON with level, time, facts and sentence', () => {
  const { lines, log } = record({})
  log.warn({ podName: 'p1' }, 'The pod is late.')
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    podName: 'p1',
    msg: 'The pod is late.',
  })
})

test('secrets in facts and sentences are masked', () => {
  const { lines, log } = record({})
  log.error({ token: 'abc', url: 'postgres://u:pass@h/d' }, 'Bearer 0123456789abcdefg refused')
  expect(lines[0]).not.toMatch(/abc"|pass@|0123456789abcdefg/)
})

test('an unknown level is taken for info', () => {
  const { lines, log } = record({ level: 'loud' })
  log.debug({}, 'quiet')
  log.info({}, 'heard')
  expect(lines).toHaveLength(1)
})

test('silent says nothing', () => {
  const { lines, log } = record({ level: 'silent' })
  log.error({}, 'nothing')
  expect(lines).toEqual([])
})

test('text lines up and has no colour unless asked', () => {
  const { lines, log } = record({ format: 'text' })
  log.info({ a: 1, b: 'x' }, 'Started.')
  log.error({ error: new Error('broken') }, 'Stopped.')
  expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d/, 'hh:mm:ss'))).toEqual([
    'hh:mm:ss info  Started.  a=1 b=x\n',
    'hh:mm:ss error Stopped.  error="broken"\n',
  ])
})

test('colour paints the level', () => {
  const { lines, log } = record({ format: 'text', colour: true })
  log.warn({}, 'Careful.')
  expect(lines[0]).toContain('\u001b[33mwarn')
})
