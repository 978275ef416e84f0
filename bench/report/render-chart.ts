import { formatNumber } from './format-number.ts'
import type { Chart } from './line-result.ts'
import { escapeMarkup, svgText } from './svg-text.ts'

const WIDTH = 760
const LEFT = 230
const RIGHT = 110
const BAR = 18
const GAP = 8
const TOP = 44

/** Bars, ours in another colour, readable on light and dark pages. */
export function renderChart({ title, unit, bars, isMoreBetter }: Chart): string {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const height = TOP + bars.length * (BAR + GAP) + GAP
  const drawn = bars.map(({ name, value, isOurs }, index) => {
    const y = TOP + index * (BAR + GAP)
    const width = Math.max(1, (value / most) * (WIDTH - LEFT - RIGHT))
    return [
      svgText(LEFT - 10, y + 13, name, 'name'),
      `<rect class="${isOurs ? 'ours' : 'theirs'}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
      svgText(LEFT + width + 8, y + 13, formatNumber(value), 'value'),
    ].join('')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeMarkup(title)}">
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 } .unit { fill: #59636e } .name { text-anchor: end }
  .ours { fill: #0969da } .theirs { fill: #8c959f } .back { fill: #fff }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .unit { fill: #9198a1 } .back { fill: #0d1117 } .ours { fill: #4493f8 } .theirs { fill: #6e7681 } }
</style>
<rect class="back" width="${WIDTH}" height="${height}"/>
${svgText(16, 26, title, 'title')}
<text x="${WIDTH - 16}" y="26" text-anchor="end" class="unit">${escapeMarkup(`${unit}, ${isMoreBetter ? 'more' : 'less'} is better`)}</text>
${drawn.join('\n')}
</svg>
`
}
