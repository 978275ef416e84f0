import { svgText } from '../report/svg-text.ts'
import type { Comparison, Row } from './compare.ts'

const WIDTH = 860
const LEFT = 170
const RIGHT = 150
const BAR = 14
const GAP = 5
const TITLE = 34
const TOP = 54

/** A group of bars per trace: what a job costs, the idle part in another colour, with warm hits beside it. */
export function renderSvg(comparisons: readonly Comparison[]): string {
  const groups: string[] = []
  let y = TOP
  for (const comparison of comparisons) {
    const rows: readonly Row[] = [...comparison.rows, comparison.bestFixed]
    const most = Math.max(...rows.map((row) => row.usdPerJob))
    groups.push(svgText(16, y + 16, `${comparison.trace} (${comparison.jobs} jobs)`, 'title'))
    y += TITLE - 8
    for (const row of rows) {
      groups.push(bar(row, y, most))
      y += BAR + GAP
    }
    y += TITLE / 2
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Cost per job by idle policy">
<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 } .busy { fill: #0969da } .idle { fill: #d4a72c }
  .back { fill: #fff } @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .back { fill: #0d1117 } .busy { fill: #4493f8 } .idle { fill: #d29922 } }
</style>
<rect class="back" width="${WIDTH}" height="${y}"/>
${svgText(16, 24, 'What a job costs, by idle policy', 'title')}
<rect class="busy" x="330" y="14" width="12" height="12"/>${svgText(348, 24, 'work and start-up', 'plain')}
<rect class="idle" x="470" y="14" width="12" height="12"/>${svgText(488, 24, 'idle', 'plain')}
${groups.join('\n')}
</svg>
`
}

function bar(row: Row, y: number, most: number): string {
  const scale = (WIDTH - LEFT - RIGHT) / most
  const idle = row.usdPerJob * row.idleRatio * scale
  const busy = row.usdPerJob * scale - idle
  const label = `$${row.usdPerJob.toFixed(4)}, warm ${(row.warmRatio * 100).toFixed(0)} %`
  return [
    svgText(24, y + 11, row.policy, 'plain'),
    `<rect class="busy" x="${LEFT}" y="${y}" width="${busy.toFixed(1)}" height="${BAR}"/>`,
    `<rect class="idle" x="${(LEFT + busy).toFixed(1)}" y="${y}" width="${idle.toFixed(1)}" height="${BAR}"/>`,
    svgText(LEFT + busy + idle + 6, y + 11, label, 'plain'),
  ].join('')
}
