import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface DoorLine {
  readonly door: string
  readonly runs: number
  /** Of processor time, which a busy machine changes little. */
  readonly seconds: number
  readonly holds: boolean
}

const PAGE = fileURLToPath(new URL('../../../docs/security.md', import.meta.url))
const BEGIN = '<!-- measured: npm run attack -- --record -->'
const END = '<!-- /measured -->'

/** Writes the lines into the page's table: a door that was not measured this time keeps its line. */
export function recordDoors(
  lines: readonly DoorLine[],
  where: { readonly machine: string; readonly date: string },
): void {
  writeFileSync(PAGE, withRecord(readFileSync(PAGE, 'utf8'), lines, where))
}

export function withRecord(
  page: string,
  lines: readonly DoorLine[],
  { machine, date }: { readonly machine: string; readonly date: string },
): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin === -1 || end < begin) throw new Error(`docs/security.md has no place between ${BEGIN} and ${END}`)
  const known = new Map(
    [...page.slice(begin, end).matchAll(/^\| ([^|]+) \|.*$/gm)].map(([row, door = '']) => [door.trim(), row] as const),
  )
  known.delete('door')
  known.delete('---')
  for (const { door, runs, seconds, holds } of lines)
    known.set(
      door,
      `| ${door} | ${runs.toLocaleString('en-US')} | ${seconds.toFixed(1)} s | ${holds ? 'holds' : '**broken**'} | ${date} | ${machine} |`,
    )
  const head = '| door | inputs | processor time | | date | machine |\n| --- | ---: | ---: | --- | --- | --- |'
  return `${page.slice(0, begin)}${BEGIN}\n\n${head}\n${[...known.values()].join('\n')}\n\n${page.slice(end)}`
}
