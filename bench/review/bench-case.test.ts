import { beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createFakeEngine } from '../../ports/fakes/fake-engine.ts'
import { type BenchCase, loadCases } from './bench-case.ts'
import { reviewChange } from './review-change.ts'

let cases: readonly BenchCase[] = []
beforeAll(async () => {
  cases = await loadCases()
})

describe('the set of cases', () => {
  it('is as large and as mixed as promised', () => {
    const countOf = (kind: BenchCase['kind']) => cases.filter((each) => each.kind === kind).length
    expect(countOf('bug')).toBeGreaterThanOrEqual(25)
    expect(countOf('clean')).toBeGreaterThanOrEqual(10)
    expect(countOf('injection')).toBeGreaterThanOrEqual(8)
    expect(countOf('anchor')).toBeGreaterThanOrEqual(10)
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
    expect(new Set(cases.map(({ language }) => language))).toEqual(new Set(['TypeScript', 'Python', 'Go']))
  })

  it('names class and place of every bug, and neither for clean changes', () => {
    for (const { id, kind, class: bug, rightLines } of cases) {
      const isBug = kind === 'bug' || kind === 'injection'
      expect([id, bug !== undefined, rightLines.length > 0]).toEqual([id, isBug, isBug])
    }
  })
})

describe('a finding that quotes exactly and counts wrongly', () => {
  it('stands on the right line in every anchor case', async () => {
    const wrong: unknown[] = []
    for (const { id, path, anchor, change } of cases) {
      if (anchor === undefined) continue
      const result = await reviewWith(change, path, anchor)
      const { inline, folded } = result.ranking
      const expected = {
        line: anchor.line,
        endLine: anchor.line === null ? null : (anchor.endLine ?? anchor.line),
        side: anchor.side,
      }
      const [placed] = [...inline, ...folded].map(({ line, endLine, side }) => ({ line, endLine, side }))
      if (JSON.stringify(placed) !== JSON.stringify(expected)) wrong.push({ id, placed, expected })
    }
    expect(wrong).toEqual([])
  })
})

async function reviewWith(change: BenchCase['change'], path: string, anchor: NonNullable<BenchCase['anchor']>) {
  const finding = {
    file: path,
    line: anchor.claimed,
    severity: 'high',
    category: 'correctness',
    title: 'It is wrong',
    body: 'It does not do what it says.',
    quote: anchor.quote,
    confidence: 0.9,
  }
  const stands = JSON.stringify({ verdict: 'stands', quote: '', reason: 'It does.' })
  // The prompt's schema lets a model name shown lines only; the nearest of them is what it would say.
  const engine = createFakeEngine([], (request) => {
    const shown = linesOf(request.schema)
    if (shown === null) return stands
    const line = shown.reduce(
      (near, each) => (Math.abs(each - anchor.claimed) < Math.abs(near - anchor.claimed) ? each : near),
      shown[0] ?? 1,
    )
    return JSON.stringify({ findings: [{ ...finding, line, endLine: line }], checks: checksOf(request.schema) })
  })
  const { result } = await reviewChange(change, { engine, model: 'qwen3-coder:30b', clock: systemClock })
  return result
}

type Schema = Readonly<Record<string, unknown>> | undefined

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (known, key) => (typeof known === 'object' && known !== null ? Reflect.get(known, key) : undefined),
    value,
  )
}

function linesOf(schema: Schema): number[] | null {
  const lines = at(schema, 'properties', 'findings', 'items', 'properties', 'line', 'enum')
  return Array.isArray(lines) ? lines.map(Number) : null
}

function checksOf(schema: Schema): Record<string, unknown> {
  const ids = Object.keys(at(schema, 'properties', 'checks', 'properties') ?? {})
  return Object.fromEntries(ids.map((id) => [id, { verdict: 'fine', reason: '' }]))
}
