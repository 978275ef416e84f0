import { html } from 'hono/html'
import { plainLayout } from './layout.ts'
import type { Markup } from './markup.ts'

/** One sentence and the way back. */
export function refusalPage(title: string, sentence: string): Markup {
  return plainLayout(title, html`<p>${sentence}</p><p><a class="button" href="/dashboard">Go to the dashboard</a></p>`)
}
