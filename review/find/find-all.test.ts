import { describe, expect, it } from 'vitest'
import { ModelError, StoreError } from '../../ports/errors.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { findAll } from './find-all.ts'
import { type FindPiece, noUsage, type PieceResult } from './piece.ts'

const never = new AbortController().signal
const dead = new ModelError({ code: 'crashed', message: 'It died.', remedy: 'Again.', owner: 'retry' })

function piece(key: string, estimatedTokens = 1_000): FindPiece {
  return { key, parts: [], instructions: [], mustCheck: [], estimatedTokens }
}

function result(key: string, state: 'reviewed' | 'failed' = 'reviewed'): PieceResult {
  const parts = [{ path: key, hunk: 'file', state }]
  return {
    key,
    proposals: [],
    checks: [],
    requirements: [],
    parts,
    usage: noUsage,
    promptHashes: [],
    measured: { chars: 0, tokens: 0 },
    problem: null,
  }
}

const pieces = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => piece(key))

describe('finding over all pieces', () => {
  it('keeps four slots busy at the speed of a 4090', async () => {
    const clock = createFakeClock()
    const random = createSeededRandom(3)
    const many = Array.from({ length: 40 }, (_, index) =>
      piece(String(index), 4_000 + Math.floor(random.fraction() * 4_000)),
    )
    let busyMs = 0
    let isDone = false
    const startedAt = clock.now()
    const run = findAll({
      pieces: many,
      slots: 4,
      signal: never,
      review: async ({ key, estimatedTokens }) => {
        const outputTokens = 100 + random.fraction() * 500
        const ms = (estimatedTokens / 2_000) * 1_000 + (outputTokens / 60) * 1_000
        await clock.sleep(ms)
        busyMs += ms
        return result(key)
      },
    }).then((found) => {
      isDone = true
      return found
    })
    await clock.runUntil(() => isDone)
    expect((await run).results).toHaveLength(40)
    expect(busyMs / (4 * (clock.now() - startedAt))).toBeGreaterThanOrEqual(0.9)
  })

  it('answers in the order asked, the longest piece first to start', async () => {
    const started: string[] = []
    const run = await findAll({
      pieces: [piece('short', 1), piece('long', 9), piece('middle', 5)],
      slots: 1,
      signal: never,
      review: async ({ key }) => {
        started.push(key)
        return result(key)
      },
    })
    expect(started).toEqual(['long', 'middle', 'short'])
    expect(run.results.map(({ key }) => key)).toEqual(['short', 'long', 'middle'])
  })

  it('tries a piece again after the engine failed it, and keeps the others', async () => {
    let failures = 0
    const run = await findAll({
      pieces,
      slots: 2,
      signal: never,
      review: async ({ key }) => {
        if (key === 'c' && failures++ < 2) throw dead
        return result(key)
      },
    })
    expect(run.stopped).toBeNull()
    expect(run.results).toHaveLength(6)
  })

  it.each([1, 4])('stops when an engine stays dead, with %i slots', async (slots) => {
    let calls = 0
    const run = await findAll({
      pieces,
      slots,
      signal: never,
      review: async () => {
        calls += 1
        throw dead
      },
    })
    expect(run).toEqual({ results: [], stopped: { reason: 'engine', error: dead } })
    expect(calls).toBeLessThanOrEqual(3 + slots - 1)
  })

  it('stops at once where no call can help', async () => {
    const missing = new ModelError({
      code: 'model-missing',
      message: 'No such model.',
      remedy: 'Pull it.',
      owner: 'user',
    })
    const run = await findAll({ pieces, slots: 1, signal: never, review: () => Promise.reject(missing) })
    expect(run.stopped).toEqual({ reason: 'engine', error: missing })
  })

  it('gives a hopeless model up before all is paid for', async () => {
    let calls = 0
    const run = await findAll({
      pieces: Array.from({ length: 50 }, (_, index) => piece(String(index))),
      slots: 2,
      signal: never,
      review: async ({ key }) => {
        calls += 1
        return result(key, 'failed')
      },
    })
    expect(run.stopped?.reason).toBe('hopeless')
    expect(calls).toBeLessThanOrEqual(5)
  })

  it('takes nothing new once the signal aborts', async () => {
    const stop = new AbortController()
    const run = await findAll({
      pieces,
      slots: 1,
      signal: stop.signal,
      review: async ({ key }) => {
        if (key === 'b') stop.abort(new Error('lost'))
        return result(key)
      },
    })
    expect(run.results.map(({ key }) => key)).toEqual(['a', 'b'])
    expect(run.stopped?.reason).toBe('aborted')
  })

  it('lets an error that is not about models through', async () => {
    const lost = new StoreError({
      code: 'fence-lost',
      message: 'Another worker has it.',
      remedy: 'None.',
      owner: 'retry',
    })
    await expect(findAll({ pieces, slots: 2, signal: never, review: () => Promise.reject(lost) })).rejects.toBe(lost)
  })
})
