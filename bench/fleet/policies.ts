import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Comparison, compare, type Row } from './compare.ts'
import { renderSvg } from './render-svg.ts'
import { allTraces } from './traces.ts'

/** What an online policy without knowledge of the future can be held to where a gap costs as much as a boot: e / (e - 1). */
const THEORETICAL_LIMIT = Math.E / (Math.E - 1)

const comparisons = allTraces().map(compare)
for (const comparison of comparisons) process.stdout.write(`${renderTable(comparison)}\n`)
process.stdout.write(
  `x clairvoyant: times the cost of giving back and keeping with perfect foresight. No online policy can promise less than ${THEORETICAL_LIMIT.toFixed(2)} in the worst case.\n`,
)
write('../../docs/fleet-policies.svg', renderSvg(comparisons))
write(
  '../results/fleet-policies.json',
  `${JSON.stringify({ theoreticalLimit: THEORETICAL_LIMIT, comparisons }, null, 1)}\n`,
)

function renderTable({ trace, jobs, rows, bestFixed }: Comparison): string {
  const head = `${`${trace} (${jobs} jobs)`.padEnd(24)}   $/job    idle    warm   wait p50   p95   x clairvoyant`
  const named = { ...bestFixed, policy: `best fixed (${bestFixed.waitSeconds} s)` }
  return [head, ...[...rows, named].map(renderRow), ''].join('\n')
}

function renderRow(row: Row): string {
  return [
    `  ${row.policy}`.padEnd(24),
    row.usdPerJob.toFixed(4).padStart(8),
    `${(row.idleRatio * 100).toFixed(1)} %`.padStart(8),
    `${(row.warmRatio * 100).toFixed(1)} %`.padStart(8),
    `${row.waitP50Seconds.toFixed(0)} s`.padStart(9),
    `${row.waitP95Seconds.toFixed(0)} s`.padStart(8),
    row.timesClairvoyant.toFixed(2).padStart(12),
  ].join('')
}

function write(relative: string, text: string): void {
  const path = fileURLToPath(new URL(relative, import.meta.url))
  mkdirSync(fileURLToPath(new URL('.', new URL(relative, import.meta.url))), { recursive: true })
  writeFileSync(path, text)
}
