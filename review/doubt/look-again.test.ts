import { describe, expect, it } from 'vitest'
import { PodsError, StoreError } from '../../ports/errors.ts'
import { createFakeEngine, fakeLease } from '../../ports/fakes/fake-engine.ts'
import { modelSettings } from '../models.ts'
import { head, subjectAt } from './__fixtures__/null-user.ts'
import { lookAgain } from './look-again.ts'
import { createLooks } from './looks.ts'

const subject = subjectAt(head)

const refuted = JSON.stringify({ verdict: 'refuted', quote: 'if (user === null) throw missing(id)', reason: 'So.' })
const stands = JSON.stringify({ verdict: 'stands', quote: '', reason: 'So.' })

function look(second: (() => Promise<ReturnType<typeof fakeLease>>) | null, firstReply = stands) {
  const engine = createFakeEngine([firstReply])
  const signal = new AbortController().signal
  const voice = { engine, model: 'first', settings: modelSettings('first'), seed: 1, signal, tokensPerChar: null }
  const world = { signal, step: <T>(_name: string, body: () => Promise<T>) => body() }
  const run = lookAgain({
    subjects: [subject],
    voice,
    looks: createLooks(voice, 'f00dcafe', world),
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
