import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LINES } from '../lines.ts'
import { renderLimit, renderValue, standingOf } from './goal.ts'
import type { Goal, LineResult } from './line-result.ts'
import { readRecords, renderRecords } from './records.ts'
import { renderChart } from './render-chart.ts'
import { renderPage } from './render-page.ts'
import { renderReadme } from './render-readme.ts'
import { renderResult } from './render-result.ts'
import { renderTable } from './render-table.ts'

const ROOT = join(import.meta.dirname, '../..')
const records = await readRecords()

describe('what is on record', () => {
  it('is what docs/benchmarks.md, the README and the charts show (npm run bench -- --render)', async () => {
    for (const [path, text] of await renderRecords(records))
      expect({ path, text: await readFile(join(ROOT, path), 'utf8') }).toEqual({ path, text })
  })

  it('holds every line, each with a goal', () => {
    expect(records.map(({ line }) => line)).toEqual(LINES.map(({ id }) => id))
    expect(records.filter(({ goals }) => goals.length === 0)).toEqual([])
  })

  it.each(records.map((record) => [record.line, record] as const))(
    'would show %s as missed, were its figures worse',
    (line, record) => {
      const worse = { ...record, goals: record.goals.map(worsened) }
      expect(worse.goals.map(standingOf)).toEqual(record.goals.map(() => 'missed'))
      const shown = renderPage(records.map((one) => (one.line === line ? worse : one)))
      expect(shown.split('**missed**').length).toBe(worse.goals.length + 1 + missedBeside(line))
    },
  )
})

describe('a goal', () => {
  const goal: Goal = { what: 'answers', value: 20, unit: 'ms', sign: '<=', limit: 20 }
  it.each([
    [goal, 'met'],
    [{ ...goal, value: 20.01 }, 'missed'],
    [{ ...goal, sign: '>=' as const, value: 19.99 }, 'missed'],
    [{ ...goal, sign: '>=' as const }, 'met'],
    [{ ...goal, value: null }, 'not measured'],
    [{ ...goal, value: Number.NaN }, 'not measured'],
  ])('%o is %s', (one, standing) => {
    expect(standingOf(one)).toBe(standing)
  })

  it('is shown with its unit, and three figures that count', () => {
    expect([renderLimit(goal), renderValue({ ...goal, value: 0.001_234 })]).toEqual(['at most 20 ms', '0.00123 ms'])
    expect(renderValue({ ...goal, value: 12_345.6, unit: '' })).toBe('12,346')
    expect(renderValue({ ...goal, value: null })).toBe('–')
  })
})

describe('a result', () => {
  const [line] = LINES
  if (line === undefined) throw new Error('there are lines')
  const table = {
    title: 'Deliveries',
    columns: [{ name: '' }, { name: 'per second', digits: 0 }, { name: 'p99 ms', digits: 1 }],
    rows: [
      ['DevLoop', 1_088.4, 25.94],
      ['Probot', 912, null],
    ],
  }
  const result: LineResult = {
    line: line.id,
    takenAt: '2026-11-21T12:00:00.000Z',
    seconds: 12,
    isQuick: false,
    loadBefore: 3,
    machine: { cpu: 'Some CPU', cores: 2, memoryGb: 8, system: 'Linux 6 x64', node: 'v24' },
    tables: [table],
    goals: [{ what: 'p99 at half load', value: 25.94, unit: 'ms', sign: '<=', limit: 20 }],
    charts: [],
    skipped: ['the peers could not be installed.'],
  }

  it('lines up on the terminal', () => {
    expect(renderTable(table)).toBe(
      [
        'Deliveries',
        '            per second   p99 ms',
        '  DevLoop        1,088     25.9',
        '  Probot           912        –',
      ].join('\n'),
    )
    expect(renderResult(line, result, false)).toMatchInlineSnapshot(`
      "Webhook intake (12 s)
      Deliveries
                  per second   p99 ms
        DevLoop        1,088     25.9
        Probot           912        –
        p99 at half load        25.9 ms   at most 20 ms        missed
        skipped: the peers could not be installed."
    `)
    expect(renderResult(line, result, true)).toContain('\u001B[31mmissed\u001B[0m')
  })

  it('taken beside other work says so, and names what is not on record', () => {
    const page = renderPage([result])
    expect(page).toContain('load before 3.0; **the machine was busy with something else**.')
    expect(page).toContain('Not measured: the peers could not be installed.')
    expect(page).toContain('Not on record: Governance, end to end, ')
    expect(renderPage([{ ...result, loadBefore: 0.2 }])).not.toContain('busy')
    expect(renderPage([{ ...result, isQuick: true }])).toContain('load before 3.0; **a quick run')
  })

  it('replaces the block of the README and nothing else', () => {
    const readme = 'before\n<!-- bench: npm run bench -->\nold\n<!-- bench: end -->\nafter\n'
    const written = renderReadme(readme, [result])
    expect(written).toMatch(/^before\n<!-- bench: npm run bench -->\n\n\| line /u)
    expect(written).toMatch(/\n<!-- bench: end -->\nafter\n$/u)
    expect(written).not.toContain('old')
    expect(renderReadme(written, [result])).toBe(written)
    expect(() => renderReadme('no block', [result])).toThrow(/README\.md has no block/u)
  })

  it('is drawn with its words as text', () => {
    const chart = {
      title: 'a < b',
      unit: 'ms',
      isMoreBetter: false,
      bars: [{ name: '"x" & y', value: 3, isOurs: true }],
    }
    expect(renderChart(chart)).toContain('&quot;x&quot; &amp; y')
    expect(renderChart(chart)).toContain('a &lt; b')
  })
})

/** Just beyond its limit. */
function worsened(goal: Goal): Goal {
  const step = Math.abs(goal.limit) / 100
  return { ...goal, value: goal.sign === '>=' ? goal.limit - step : goal.limit + step }
}

function missedBeside(line: string): number {
  return records
    .filter((record) => record.line !== line)
    .flatMap(({ goals }) => goals)
    .filter((goal) => standingOf(goal) === 'missed').length
}
