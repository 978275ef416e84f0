import { expect, it } from 'vitest'
import { StoreError } from '../../ports/errors.ts'
import type { Log } from '../../ports/log.ts'
import { createOutage, withoutOutages } from './outage.ts'
import { storeFailure } from './store-failure.ts'

function memoryLog() {
  const lines: string[] = []
  const at = (level: string) => (_: unknown, sentence: string) => void lines.push(`${level} ${sentence}`)
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { lines, log }
}
const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' })
const fail = (error: unknown) => async () => {
  throw error
}

it('tells once that the database is away and once that it is back', async () => {
  const { lines, log } = memoryLog()
  let now = 0
  const outage = createOutage(log, () => now)
  await outage.watch(async () => {})
  for (let times = 0; times < 100; times++) await expect(outage.watch(fail(refused))).rejects.toBe(refused)
  now = 60_000
  for (let times = 0; times < 3; times++) await outage.watch(async () => {})
  expect(lines).toEqual([
    'error The database cannot be reached: work waits, nothing new is taken, and all goes on when it is back.',
    'info The database is back.',
  ])
})

it('is silent about a database that never answered, and about statements that merely fail', async () => {
  const { lines, log } = memoryLog()
  const outage = createOutage(log, () => 0)
  await expect(outage.watch(fail(refused))).rejects.toBe(refused)
  await outage.watch(async () => {})
  await expect(outage.watch(fail(Object.assign(new Error('no'), { code: '23505' })))).rejects.toThrow('no')
  expect(lines).toEqual([])
})

it.each([
  ['a lost connection', refused, 'debug'],
  ['what the client says without a code', new Error('Connection terminated unexpectedly'), 'debug'],
  ['a shutdown', Object.assign(new Error('terminating'), { code: '57P01' }), 'debug'],
  ['the same, translated', storeFailure(refused), 'debug'],
  ['the same, as text', `unavailable: ${storeFailure(refused).message}`, 'debug'],
  ['a unique violation', storeFailure(Object.assign(new Error('twice'), { code: '23505' })), 'warn'],
  ['something else', new Error('boom'), 'warn'],
])('%s is logged as it deserves', (_, error, level) => {
  const { lines, log } = memoryLog()
  withoutOutages(log).warn({ error }, 'It failed.')
  expect(lines).toEqual([`${level} It failed.`])
})

it('says of a lost connection that it is tried again', () => {
  const failure = storeFailure(refused)
  expect(failure).toBeInstanceOf(StoreError)
  expect(failure).toMatchObject({
    code: 'unavailable',
    owner: 'retry',
    message: 'The database cannot be reached (ECONNREFUSED).',
  })
})
