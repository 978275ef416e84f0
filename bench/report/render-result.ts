import type { Line } from '../lines.ts'
import { renderLimit, renderValue, type Standing, standingOf } from './goal.ts'
import type { LineResult } from './line-result.ts'
import { renderTable } from './render-table.ts'

const COLOURS: Readonly<Record<Standing, string>> = {
  met: '\u001B[32m',
  missed: '\u001B[31m',
  'not measured': '\u001B[33m',
}

/** A line on the terminal: its tables, its goals, and what could not be measured. */
export function renderResult(
  { title }: Line,
  { tables, goals, skipped, seconds }: LineResult,
  isColoured: boolean,
): string {
  const paint = (standing: Standing) => (isColoured ? `${COLOURS[standing]}${standing}\u001B[0m` : standing)
  const width = Math.max(0, ...goals.map(({ what }) => what.length))
  return [
    `${title} (${Math.round(seconds)} s)`,
    ...tables.map(renderTable),
    ...goals.map(
      (goal) =>
        `  ${goal.what.padEnd(width)}   ${renderValue(goal).padStart(12)}   ${renderLimit(goal).padEnd(20)} ${paint(standingOf(goal))}`,
    ),
    ...skipped.map((why) => `  skipped: ${why}`),
  ].join('\n')
}
