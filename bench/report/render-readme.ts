import { LINES } from '../lines.ts'
import { renderLimit, renderValue, standingOf } from './goal.ts'
import type { LineResult } from './line-result.ts'
import { renderMachine } from './machine.ts'
import { renderMarkdownTable } from './render-table.ts'

const BEGIN = '<!-- bench: npm run bench -->'
const END = '<!-- bench: end -->'

/** The README with its block of figures written anew: the first goal of each line. */
export function renderReadme(readme: string, results: readonly LineResult[]): string {
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin < 0 || end < begin) throw new RangeError(`README.md has no block between ${BEGIN} and ${END}.`)
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${renderBlock(results)}\n\n${readme.slice(end)}`
}

function renderBlock(results: readonly LineResult[]): string {
  const rows = LINES.flatMap(({ id, title }) => {
    const goal = results.find(({ line }) => line === id)?.goals[0]
    if (goal === undefined) return []
    const standing = standingOf(goal)
    return [[title, goal.what, renderValue(goal), renderLimit(goal), standing === 'missed' ? '**missed**' : standing]]
  })
  const newest = results.toSorted((one, other) => other.takenAt.localeCompare(one.takenAt))[0]
  const columns = ['line', 'measured', 'figure', 'goal', ''].map((name) => ({ name }))
  const taken =
    newest === undefined ? '' : `\n\n<sub>${newest.takenAt.slice(0, 10)}, ${renderMachine(newest.machine)}.</sub>`
  return `${renderMarkdownTable({ columns, rows })}${taken}`
}
