import { formatCell } from './format-number.ts'
import type { Table } from './line-result.ts'

/** A table that lines up: names to the left, numbers to the right. */
export function renderTable({ title, columns, rows }: Table): string {
  const texts = rows.map((row) => columns.map(({ digits }, index) => formatCell(row[index] ?? null, digits)))
  const isNumeric = columns.map((_, index) => rows.some((row) => typeof row[index] === 'number'))
  const widths = columns.map(({ name }, index) => Math.max(name.length, ...texts.map((row) => row[index]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((text, index) => (isNumeric[index] ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0)))
      .join('   ')
      .trimEnd()
  return [title, ...[columns.map(({ name }) => name), ...texts].map((cells) => `  ${line(cells)}`)].join('\n')
}

/** The same for a page. */
export function renderMarkdownTable({ columns, rows }: Omit<Table, 'title'>): string {
  const isNumeric = columns.map((_, index) => rows.some((row) => typeof row[index] === 'number'))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(({ name }) => name)),
    `|${columns.map((_, index) => (isNumeric[index] ? '--:' : '---')).join('|')}|`,
    ...rows.map((row) => line(columns.map(({ digits }, index) => formatCell(row[index] ?? null, digits)))),
  ].join('\n')
}
