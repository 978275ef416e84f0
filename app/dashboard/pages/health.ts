import { html } from 'hono/html'
import { badge } from '../bits.ts'
import { type HealthLine, healthLines } from '../health-lines.ts'
import type { Markup } from '../markup.ts'
import type { DashboardParts } from '../parts.ts'

export interface HealthModel {
  readonly lines: readonly HealthLine[]
}

export async function readHealth(parts: DashboardParts): Promise<HealthModel> {
  return { lines: await healthLines(parts) }
}

const WORDS = { good: 'fine', warn: 'look', bad: 'broken', plain: 'off', live: 'busy' } as const

export function healthView({ lines }: HealthModel): Markup {
  return html`<section id="health" data-live aria-label="Checks"><ul class="card checks">${lines.map(
    ({ name, mood, text, remedy }) =>
      html`<li>${badge(WORDS[mood], mood)} <strong>${name}</strong> <span class="strange">${text}</span>${remedy === null ? '' : html` <span class="faint">${remedy}</span>`}</li>`,
  )}</ul></section>
<p class="faint"><code>devloop doctor</code> in a terminal checks credentials, permissions, balance and stock with live calls.</p>`
}
