import { describe, expect, it } from 'vitest'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { ModelError } from '../../ports/errors.ts'
import { createFakeEngine } from '../../ports/fakes/fake-engine.ts'
import { renderSummary } from '../../review/render/summary.ts'
import { changeOf, emptyAnswer } from './overhead.ts'
import { reviewChange } from './review-change.ts'

describe('a change of 300 files that does not fit', () => {
  it('ends as partial, with every hunk in the ledger and a named reason', async () => {
    const { diff, head } = changeOf(300)
    const engine = createFakeEngine([], ({ schema }) => emptyAnswer(schema))
    const { result } = await reviewChange(
      { diff, head, title: 'Large', description: '' },
      { engine, model: 'qwen3-coder:30b', clock: systemClock, maxPrompts: 10 },
    )
    expect(result.outcome).toBe('partial')
    expect(result.coverage).toHaveLength(300)
    expect(new Set(result.coverage.map(({ path }) => path)).size).toBe(300)
    const unread = result.coverage.filter(({ state }) => state !== 'reviewed')
    expect(unread.length).toBeGreaterThan(100)
    expect(new Set(unread.map(({ reason }) => reason))).toEqual(new Set(['budget']))
    expect(engine.calls).toHaveLength(10)
    expect(renderSummary(result, { detailsUrl: null, withMarker: true })).toContain('beyond the budget of this review')
  })
})

describe('an engine that dies after each call in turn', () => {
  it('never ends a review as whole, and says how far it came', async () => {
    const { diff, head } = changeOf(60)
    const whole = createFakeEngine([], ({ schema }) => emptyAnswer(schema))
    const change = { diff, head, title: 'Large', description: '' }
    await reviewChange(change, { engine: whole, model: 'qwen3-coder:30b', clock: systemClock })
    for (let alive = 0; alive < whole.calls.length; alive++) {
      let calls = 0
      const engine = createFakeEngine([], ({ schema }) => {
        calls += 1
        return calls > alive ? dead() : emptyAnswer(schema)
      })
      const { result } = await reviewChange(change, { engine, model: 'qwen3-coder:30b', clock: systemClock })
      expect([alive, result.outcome]).toEqual([alive, alive === 0 ? 'failed' : 'partial'])
      expect(result.shortfall).toContain('The engine failed and the rest was not read')
      expect(result.coverage).toHaveLength(60)
      expect(calls).toBeLessThanOrEqual(alive + 6)
    }
  })
})

function dead(): ModelError {
  return new ModelError({ code: 'not-ready', message: 'Nobody listens.', remedy: 'Start it.', owner: 'retry' })
}
