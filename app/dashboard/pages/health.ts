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
  const count = (mood: HealthLine['mood']) => lines.filter((line) => line.mood === mood).length
  return html`<section id="health" data-live aria-label="Checks"><p class="notice ${count('bad') > 0 ? 'bad' : count('warn') > 0 ? 'warn' : 'good'}">${sentence(count('bad'), count('warn'))}</p>
<ul class="card checks">${lines.map(
    ({ name, mood, text, remedy }) =>
      html`<li>${badge(WORDS[mood], mood)} <strong>${name}</strong> <span><span class="strange">${text}</span>${remedy === null ? '' : html` <span class="faint">${remedy}</span>`}</span></li>`,
  )}</ul></section>
<p class="faint"><code>devloop doctor</code> in a terminal checks credentials, permissions, balance and stock with live calls.</p>`
}

function sentence(broken: number, toLookAt: number): string {
  if (broken + toLookAt === 0) return 'Everything is well.'
  const parts = [
    ...(broken === 0 ? [] : [broken === 1 ? 'One thing is broken' : `${broken} things are broken`]),
    ...(toLookAt === 0 ? [] : [toLookAt === 1 ? 'one deserves a look' : `${toLookAt} deserve a look`]),
  ].join(', ')
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}.`
}
