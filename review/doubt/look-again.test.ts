import { describe, expect, it } from 'vitest'
import { PodsError, StoreError } from '../../ports/errors.ts'
import { createFakeEngine, fakeLease } from '../../ports/fakes/fake-engine.ts'
import { parseDiff } from '../diff/parse.ts'
import type { Finding } from '../finding.ts'
import { modelSettings } from '../models.ts'
import { lookAgain } from './look-again.ts'
import { doubtSubject } from './subject.ts'

const finding: Finding = {
  id: '0123456789ab',
  path: 'src/a.ts',
  line: 3,
  endLine: 3,
  side: 'RIGHT',
  place: 'quoted',
  severity: 'high',
  category: 'correctness',
  title: 'user may be null',
  body: 'findUser answers null for an unknown id.',
  quote: 'return user.name',
  confidence: 0.8,
}
const { files } = parseDiff(
  'diff --git a/src/a.ts b/src/a.ts\n--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,2 +1,3 @@\n const user = findUser(id)\n+if (user === null) throw missing(id)\n return user.name\n',
)
const subject = doubtSubject(
  finding,
  files,
  'const user = findUser(id)\nif (user === null) throw missing(id)\nreturn user.name\n',
)
if (subject === undefined) throw new Error('no subject')

const refuted = JSON.stringify({ verdict: 'refuted', quote: 'if (user === null) throw missing(id)', reason: 'So.' })
const stands = JSON.stringify({ verdict: 'stands', quote: '', reason: 'So.' })

function look(second: (() => Promise<ReturnType<typeof fakeLease>>) | null, firstReply = stands) {
  const engine = createFakeEngine([firstReply])
  const signal = new AbortController().signal
  const voice = { engine, model: 'first', settings: modelSettings('first'), seed: 1, signal, tokensPerChar: null }
  const world = { signal, step: <T>(_name: string, body: () => Promise<T>) => body() }
  const run = lookAgain({
    subjects: [subject as NonNullable<typeof subject>],
    voice,
    lease: fakeLease(engine),
    second,
    mark: 'f00dcafe',
    world,
  })
  return { run, engine }
}

describe('a second look', () => {
  it('asks the same model when no other is configured', async () => {
    const { run, engine } = look(null, refuted)
    expect((await run).doubts).toMatchObject([{ verdict: 'refuted' }])
    expect(engine.calls).toHaveLength(1)
  })

  it('asks the second model, and counts what both engines cost', async () => {
    const other = createFakeEngine([refuted])
    const otherLease = { ...fakeLease(other), model: 'second' }
    const { run, engine } = look(async () => otherLease)
    const { doubts, spent } = await run
    expect(doubts).toMatchObject([{ verdict: 'refuted' }])
    expect(engine.calls).toHaveLength(0)
    expect(other.calls[0]?.model).toBe('second')
    expect(spent.microUsd).toBe(fakeLease(engine).costSoFar().microUsd + otherLease.costSoFar().microUsd)
  })

  it.each([
    ['no GPU is free', new PodsError({ code: 'no-capacity', owner: 'retry', message: 'None is free.', remedy: '' })],
    [
      'the budget is reached',
      new StoreError({ code: 'budget-reached', owner: 'operator', message: 'Spent.', remedy: '' }),
    ],
  ])('leaves every finding alive when %s', async (_why, error) => {
    const { run } = look(() => Promise.reject(error))
    expect((await run).doubts).toMatchObject([{ verdict: 'unanswered', usage: { calls: 0 } }])
  })

  it('passes on what is not about engines', async () => {
    const lost = new StoreError({ code: 'fence-lost', owner: 'retry', message: 'Taken over.', remedy: '' })
    await expect(look(() => Promise.reject(lost)).run).rejects.toBe(lost)
  })
})
