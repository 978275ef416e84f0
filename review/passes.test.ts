import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type FindPiece, noUsage, type PieceResult } from './find/piece.ts'
import { type PassPlan, runPasses } from './passes.ts'

function piece(key: string): FindPiece {
  const parts = ['one', 'two'].map((hunk) => ({ path: key, hunk, code: '', lines: [] }))
  return { key, parts, instructions: [], mustCheck: [], estimatedTokens: 1 }
}

function resultOf({ key, parts }: FindPiece, state: 'reviewed' | 'failed'): PieceResult {
  return {
    key,
    proposals: [],
    checks: [],
    requirements: [],
    parts: parts.map(({ path, hunk }) => ({ path, hunk, state })),
    usage: noUsage,
    promptHashes: [],
    measured: { chars: 0, tokens: 0 },
    problem: null,
  }
}

/** Two pieces on two slots; each reading ends when it is told to. */
function begin(plan: Partial<PassPlan> = {}) {
  const readings = new Map<string, { readonly end: (state?: 'reviewed' | 'failed') => void }>()
  const run = runPasses({
    pieces: [piece('a'), piece('b')],
    slots: 2,
    passes: 2,
    mayGoOn: () => true,
    now: () => 0,
    review: (each) => {
      if (readings.has(each.key)) throw new Error(`${each.key} is read twice`)
      return new Promise((resolve) => {
        readings.set(each.key, { end: (state = 'reviewed') => resolve(resultOf(each, state)) })
      })
    },
    signal: new AbortController().signal,
    onDone: () => {},
    ...plan,
  })
  const end = async (key: string, state?: 'reviewed' | 'failed') => {
    readings.get(key)?.end(state)
    await setImmediate()
  }
  return { run, end, asked: () => [...readings.keys()] }
}

describe('a second pass', () => {
  test('begins on the slot that has nothing left to read in the first', async () => {
    const { run, end, asked } = begin()
    await end('a')
    expect(asked()).toEqual(['a', 'b', 'a/pass-2'])
    await end('a/pass-2')
    await end('b')
    await end('b/pass-2')
    expect((await run).results.map(({ key }) => key)).toEqual(['a', 'b', 'a/pass-2', 'b/pass-2'])
    expect(asked()).toHaveLength(4)
  })

  test.each<[string, Partial<PassPlan>, 'reviewed' | 'failed']>([
    ['it may not be paid', { mayGoOn: () => false }, 'reviewed'],
    ['it is not wanted', { passes: 1 }, 'reviewed'],
    ['nothing could be read as yet', {}, 'failed'],
  ])('does not begin early where %s', async (_why, plan, state) => {
    const { run, end, asked } = begin(plan)
    await end('a', state)
    expect(asked()).toEqual(['a', 'b'])
    await end('b')
    for (const key of ['a/pass-2', 'b/pass-2']) await end(key)
    await run
  })

  test('that began early and is not paid for after all is waited for, and left out', async () => {
    let isPaid = true
    const { run, end, asked } = begin({ mayGoOn: () => isPaid })
    await end('a')
    isPaid = false
    await end('b')
    let isOver = false
    const over = run.then(() => {
      isOver = true
    })
    await setImmediate()
    expect(isOver).toBe(false)
    await end('a/pass-2')
    await over
    expect(asked()).toEqual(['a', 'b', 'a/pass-2'])
    expect((await run).passes).toBe(1)
  })
})
