import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { podName } from '../../ports/ids.ts'
import { microUsd } from '../../ports/money.ts'
import type { JournalLine } from '../../ports/store.ts'
import { createMoneyJournal } from './money-journal.ts'

const NAME = podName.parse(`devloop-abcd1234-01jd${'0'.repeat(22)}-xabc`)
const settle = (at: number): JournalLine => ({
  kind: 'settle',
  at,
  podName: NAME,
  microUsd: microUsd(7),
  reason: 'idle',
})
const create: JournalLine = {
  kind: 'create',
  at: 1,
  podName: NAME,
  gpu: 'NVIDIA GeForce RTX 4090',
  microUsdPerHour: microUsd(690_000),
  deadlineAt: 9,
  holderPid: 4,
}

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-journal-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))
const file = () => join(directory, 'data', 'money.jsonl')
const journal = () => createMoneyJournal(join(directory, 'data'))

test('lines come back in order, and only their owner may read them', async () => {
  expect(await journal().readAll()).toEqual([])
  await journal().append(create)
  await journal().append(settle(2))
  expect(await journal().readAll()).toEqual([create, settle(2)])
  expect((await stat(file())).mode & 0o777).toBe(0o600)
})

test('lines written at once are all there', async () => {
  const one = journal()
  await Promise.all(Array.from({ length: 20 }, (_, at) => one.append(settle(at))))
  expect((await one.readAll()).map((line) => line.at)).toEqual(Array.from({ length: 20 }, (_, at) => at))
})

test('a line that was cut anywhere is passed over, and the next one is whole', async () => {
  await journal().append(create)
  await journal().append(settle(2))
  const whole = await readFile(file(), 'utf8')
  const lengths = fc.integer({ min: 0, max: whole.length })
  await fc.assert(
    fc.asyncProperty(lengths, async (length) => {
      await writeFile(file(), whole)
      await truncate(file(), length)
      const before = await journal().readAll()
      const complete = whole
        .slice(0, length)
        .split('\n')
        .filter((line) => line.endsWith('}') && isJson(line)).length
      expect(before).toHaveLength(complete)
      await journal().append(settle(3))
      expect(await journal().readAll()).toEqual([...before, settle(3)])
    }),
    { numRuns: 40 },
  )
})

test('a line of another kind is passed over', async () => {
  await journal().append(create)
  await appendFile(file(), '{"kind":"refund","at":3}\n')
  expect(await journal().readAll()).toEqual([create])
})

test('a journal that cannot be written says what to do', async () => {
  await writeFile(join(directory, 'data'), 'a file where the folder should be')
  await expect(journal().append(create)).rejects.toMatchObject({
    code: 'unwritable',
    owner: 'operator',
    message: expect.stringContaining('nothing is rented'),
  })
})

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
