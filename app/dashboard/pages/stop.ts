import { html } from 'hono/html'
import type { PodRow } from '../../../ports/store.ts'
import type { Viewer } from '../layout.ts'
import type { Markup } from '../markup.ts'
import { countText } from '../words.ts'

/** Asks once before GPUs are given back; with script it stands in a dialog, without it is a page. */
export function stopView(pods: readonly PodRow[], openJobs: number, viewer: Viewer): Markup {
  return html`<section id="question" class="card stack narrow">
<h2 id="question-title">Give back ${pods.length === 1 ? 'the GPU' : countText(pods.length, 'GPU')}?</h2>
<p>${openJobs === 0 ? 'No job is open.' : html`${countText(openJobs, 'job')} ${openJobs === 1 ? 'is' : 'are'} open. Draining lets running calls end first; ending now breaks them off, and rents nothing until somebody starts again.`}</p>
<form method="post" action="/dashboard/stop" class="actions"><input type="hidden" name="csrf" value="${viewer.csrf}">
<button name="how" value="drain" class="primary">Drain, then give back</button>
<button name="how" value="now" class="danger">End now</button>
<a class="button cancel" href="/dashboard">Cancel</a></form>
</section>`
}
