import { readFile, writeFile } from 'node:fs/promises'
import type { ProcessResult } from './process-order.ts'

const HEAD = [
  'store',
  'seed',
  'kills',
  'stops',
  'creates',
  'ambiguous',
  'live at end',
  'most at once',
  'needless pod seconds',
  'done / lost / twice',
  'bill',
  'ledger by the clock',
  'ledger after the bill',
]

/** The head of the table in `docs/reliability.md`. */
export function chaosTableHead(): string {
  return row(HEAD) + row(HEAD.map(() => '---'))
}

/** One run, as the table shows it. */
export function chaosTableRow(seed: number, result: ProcessResult, faults: readonly string[]): string {
  const store = result.store === 'pglite' ? 'PGlite, 1 process' : `PostgreSQL, ${result.processes} replicas`
  return row([
    faults.length === 0 ? store : `${store}, DOES NOT HOLD: ${faults.join('; ')}`,
    seed,
    result.kills,
    result.stops,
    result.creates,
    result.ambiguous,
    result.liveAtEnd,
    result.maxLive,
    result.unneededPodSeconds,
    `${result.done} / ${result.lost} / ${result.twice}`,
    usd(result.billedUsd),
    `${usd(result.clockUsd)} (${result.clockPercent} %)`,
    `${usd(result.ledgerUsd)} (${result.ledgerPercent} %)`,
  ])
}

/** Puts a table between the two marks of a page. */
export async function writeTable(path: string, table: string): Promise<void> {
  const page = await readFile(path, 'utf8')
  const marked = /(<!-- chaos -->\n)[\s\S]*?(<!-- \/chaos -->)/
  if (!marked.test(page)) throw new Error(`${path} has no place for the table: <!-- chaos --> ... <!-- /chaos -->`)
  await writeFile(
    path,
    page.replace(marked, (_, begin: string, end: string) => `${begin}\n${table}\n${end}`),
  )
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |\n`
}

function usd(amount: number): string {
  return `$${amount.toFixed(4)}`
}
