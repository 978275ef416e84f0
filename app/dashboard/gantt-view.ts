import { html } from 'hono/html'
import { LANES, type Lane, type Span } from './gantt.ts'
import type { Markup } from './markup.ts'
import { durationText } from './words.ts'

const NAMES: Readonly<Record<Lane, string>> = {
  wait: 'Wait',
  rent: 'Rent',
  boot: 'Boot',
  warm: 'Warm',
  model: 'Model calls',
  post: 'Post',
}
/** Narrower bars could not be seen. */
const LEAST_PERCENT = 0.4
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const

/** Bars per lane over the life of a job, and the same as a table. Places stand in SVG attributes, never in styles. */
export function ganttView(spans: readonly Span[], from: number, to: number): Markup {
  if (spans.length === 0) return html`<p class="empty">Nothing has happened yet.</p>`
  const length = Math.max(1, to - from)
  const percent = (ms: number) => (Math.min(1, Math.max(0, ms / length)) * 100).toFixed(2)
  const lanes = LANES.filter((lane) => spans.some((span) => span.lane === lane))
  return html`<div class="gantt" aria-hidden="true">
${lanes.map((lane) => {
  const own = spans.filter((span) => span.lane === lane)
  return html`<div class="lane"><span class="lane-name">${NAMES[lane]}</span><svg width="100%" height="22" role="presentation">${TICKS.map((tick) => html`<line class="grid" x1="${tick * 100}%" x2="${tick * 100}%" y1="0" y2="22"/>`)}${own.map(
    (span) =>
      html`<rect class="${lane}" x="${percent(span.from - from)}%" y="3" height="16" rx="3" width="${Math.max(LEAST_PERCENT, Number(percent(span.to - span.from)))}%"><title>${span.label}: ${durationText(span.to - span.from)}</title></rect>`,
  )}</svg><span class="lane-time">${durationText(covered(own))}</span></div>`
})}
<div class="lane axis"><span class="lane-name"></span><svg width="100%" height="18">${TICKS.map((tick) => html`<text class="${tick === 0.25 || tick === 0.75 ? 'odd' : 'even'}" x="${tick * 100}%" y="13" text-anchor="${tick === 0 ? 'start' : tick === 1 ? 'end' : 'middle'}">${durationText(length * tick)}</text>`)}</svg><span class="lane-time"></span></div>
</div>
<details id="gantt-numbers"><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Phases of the job"><table><thead><tr><th scope="col">Phase</th><th scope="col">What</th><th scope="col" class="number">After</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>${spans.map((span) => html`<tr><th scope="row">${NAMES[span.lane]}</th><td class="strange">${span.label}</td><td class="number">${durationText(span.from - from)}</td><td class="number">${durationText(span.to - span.from)}</td></tr>`)}</tbody></table></div></details>`
}

/** Time covered by at least one span: calls run side by side. */
function covered(spans: readonly Span[]): number {
  let total = 0
  let until = Number.NEGATIVE_INFINITY
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, until))
    until = Math.max(until, to)
  }
  return total
}
