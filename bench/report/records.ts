import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LINES } from '../lines.ts'
import { type LineResult, lineResultSchema } from './line-result.ts'
import { renderChart } from './render-chart.ts'
import { chartFile, renderPage } from './render-page.ts'
import { renderReadme } from './render-readme.ts'

const ROOT = join(import.meta.dirname, '../..')
const RESULTS = join(ROOT, 'bench/results')

/** What was recorded of every line, in the order of the lines; a line that never ran is absent. */
export async function readRecords(): Promise<readonly LineResult[]> {
  const present = new Set(await readdir(RESULTS))
  const found: LineResult[] = []
  for (const { id } of LINES)
    if (present.has(recordFile(id)))
      found.push(lineResultSchema.parse(JSON.parse(await readFile(join(RESULTS, recordFile(id)), 'utf8'))))
  return found
}

export async function writeRecord(result: LineResult): Promise<void> {
  const text = `${JSON.stringify(result, null, 1)}\n`
  await writeFile(join(RESULTS, recordFile(result.line)), text)
}

/** Every file that is made from the records, by its path from the root. */
export async function renderRecords(records: readonly LineResult[]): Promise<ReadonlyMap<string, string>> {
  const charts = records.flatMap(({ line, charts: all }) =>
    all.map((chart, index) => [`bench/results/${chartFile(line, index)}`, renderChart(chart)] as const),
  )
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
  return new Map([...charts, ['docs/benchmarks.md', renderPage(records)], ['README.md', renderReadme(readme, records)]])
}

/** Writes them, and drops charts that nothing makes any more. */
export async function publishRecords(): Promise<void> {
  const pages = await renderRecords(await readRecords())
  for (const [path, text] of pages) await writeFile(join(ROOT, path), text)
  for (const name of await readdir(RESULTS))
    if (name.endsWith('.svg') && !pages.has(`bench/results/${name}`)) await rm(join(RESULTS, name))
}

function recordFile(line: string): string {
  return `line-${line}.json`
}
