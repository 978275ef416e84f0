import { html } from 'hono/html'
import type { Markup } from './markup.ts'

export interface ChartValue {
  readonly text: string
  /** What is drawn; null leaves a gap. */
  readonly value: number | null
}

export interface Chart {
  readonly id: string
  readonly title: string
  readonly kind: 'bars' | 'line' | 'dots'
  /** Put behind every number on the axis; `$` stands before it. */
  readonly unit: string
  /** Days, or moments. */
  readonly x: 'day' | 'time'
  readonly target: number | null
  readonly head: readonly [string, ...string[]]
  /** First the moment in seconds since the epoch, then one value per further head. */
  readonly rows: readonly (readonly ChartValue[])[]
}

/** Numbers as a table that everybody can read, newest first; the script draws a curve from that table. */
export function chartFigure(chart: Chart): Markup {
  return html`<figure class="card chart" data-chart="${chart.kind}" data-unit="${chart.unit}" data-x="${chart.x}"${chart.target === null ? '' : html` data-target="${chart.target}"`} aria-labelledby="${chart.id}-title">
<figcaption id="${chart.id}-title">${chart.title}</figcaption>
${chart.rows.length === 0 ? html`<p class="empty">No numbers yet.</p>` : numbers(chart)}
</figure>`
}

function numbers(chart: Chart): Markup {
  return html`<div class="curve" aria-hidden="true"></div>
<details id="${chart.id}-numbers" open><summary>Numbers</summary><div class="scroll" tabindex="0" role="region" aria-label="${chart.title}, as a table"><table>
<thead><tr>${chart.head.map((name, index) => html`<th scope="col"${index > 0 ? html` class="number"` : ''}>${name}</th>`)}</tr></thead>
<tbody>${chart.rows.toReversed().map((row) => html`<tr>${row.map((cell, index) => chartCell(cell, index))}</tr>`)}</tbody>
</table></div></details>`
}

function chartCell({ text, value }: ChartValue, index: number): Markup {
  const shown = value === null ? '' : String(value)
  if (index === 0) return html`<th scope="row" data-v="${shown}">${text}</th>`
  return html`<td class="number" data-v="${shown}">${text}</td>`
}
