import { LINES, type Line } from '../lines.ts'
import { renderLimit, renderValue, standingOf } from './goal.ts'
import type { LineResult, Table } from './line-result.ts'
import { renderMachine } from './machine.ts'
import { renderMarkdownTable } from './render-table.ts'

const COMMAND = 'npm run bench'
/** The load of one core: more, and something else ran as well. */
const BUSY_PER_CORE = 0.5

/** docs/benchmarks.md, from nothing but the results on record. */
export function renderPage(results: readonly LineResult[]): string {
  const shown = LINES.flatMap((line) => {
    const result = results.find((one) => one.line === line.id)
    return result === undefined ? [] : [{ line, result }]
  })
  const missing = LINES.filter((line) => !results.some((one) => one.line === line.id)).map(({ title }) => title)
  return [
    '# Benchmarks',
    '',
    `Written by \`${COMMAND}\` from \`bench/results/\`, and by nothing else. Each figure is taken side by side with what it is compared to, in`,
    'one run on one machine, in rounds that alternate; slower lines stay in. Peers are pinned in `bench/peers/` and belong to no part of',
    'the product. Repeat all of it, or some of it:',
    '',
    '```sh',
    `${COMMAND}                              # everything, about ten minutes; writes this page`,
    `${COMMAND} -- --only intake,parsing     # some lines`,
    `${COMMAND} -- --quick                   # a minute, to see that it runs; records nothing`,
    '```',
    '',
    ...(missing.length === 0 ? [] : [`Not on record: ${missing.join(', ')}.`, '']),
    '## Goals',
    '',
    renderGoals(shown),
    '',
    ...shown.flatMap(({ line, result }) => renderLine(line, result)),
  ].join('\n')
}

interface Shown {
  readonly line: Line
  readonly result: LineResult
}

export function renderGoals(shown: readonly Shown[]): string {
  const rows = shown.flatMap(({ line, result }) =>
    result.goals.map((goal) => [
      `[${line.title}](#${anchorOf(line.title)})`,
      goal.what,
      renderValue(goal),
      renderLimit(goal),
      mark(standingOf(goal)),
    ]),
  )
  const columns = ['line', 'measured', 'figure', 'goal', ''].map((name) => ({ name }))
  return renderMarkdownTable({ columns, rows })
}

function mark(standing: ReturnType<typeof standingOf>): string {
  return standing === 'missed' ? '**missed**' : standing
}

function renderLine(line: Line, result: LineResult): string[] {
  const at = `${result.takenAt.slice(0, 16).replace('T', ' ')} UTC`
  const reservations = [
    ...(result.isQuick ? ['**a quick run, which says that it runs and no more**'] : []),
    ...(result.loadBefore > result.machine.cores * BUSY_PER_CORE
      ? ['**the machine was busy with something else**']
      : []),
  ]
  return [
    `## ${line.title}`,
    '',
    line.about,
    '',
    ...result.charts.flatMap(({ title }, index) => [`![${title}](../bench/results/${chartFile(line.id, index)})`, '']),
    ...result.tables.flatMap((table) => renderSection(table)),
    ...result.skipped.flatMap((why) => [`Not measured: ${why}`, '']),
    `<sub>${at}, \`${COMMAND} -- --only ${line.id}\`, ${Math.round(result.seconds)} s; ${renderMachine(result.machine)}; load before ` +
      `${[result.loadBefore.toFixed(1), ...reservations].join('; ')}.</sub>`,
    '',
  ]
}

function renderSection(table: Table): string[] {
  return [`**${table.title}**`, '', renderMarkdownTable(table), '']
}

export function chartFile(line: string, index: number): string {
  return index === 0 ? `${line}.svg` : `${line}-${index + 1}.svg`
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}
