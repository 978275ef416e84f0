import { html } from 'hono/html'
import { z } from 'zod'
import type { JobRow } from '../../ports/store.ts'
import { badge, when } from './bits.ts'
import type { Markup } from './markup.ts'
import { durationText, moneyText } from './words.ts'

const asked = z.object({ model: z.string().optional() }).catch({})

/** Jobs, newest first: one row leads to one page. */
export function jobTable(jobs: readonly JobRow[], now: number, caption: string): Markup {
  if (jobs.length === 0)
    return html`<p class="empty card">No job yet. Comment <code>/devloop review</code> on a pull request, or send a prompt to <code>POST /infer</code>.</p>`
  return html`<div class="scroll card" tabindex="0" role="region" aria-label="${caption}"><table class="jobs">
<caption class="hidden">${caption}</caption>
<thead><tr><th scope="col">Job</th><th scope="col">State</th><th scope="col" class="wide-only">Asked by</th><th scope="col">When</th><th scope="col" class="number wide-only">Took</th><th scope="col" class="number">Cost</th></tr></thead>
<tbody>${jobs.map((job) => jobLine(job, now))}</tbody>
</table></div>`
}

function jobLine(job: JobRow, now: number): Markup {
  const took = job.startedAt === null ? '–' : durationText((job.endedAt ?? now) - job.createdAt)
  return html`<tr>
<th scope="row"><a href="/dashboard/jobs/${job.id}">${jobTitle(job)}</a>${modelNote(job)}</th>
<td>${badge(job.outcome ?? job.state)}</td>
<td class="strange wide-only">${job.requestedBy ?? '–'}</td>
<td>${when(job.createdAt, now)}</td>
<td class="number wide-only">${took}</td>
<td class="number">${moneyText(job.costMicroUsd)}</td>
</tr>`
}

/** Prompts are told apart by their model. */
function modelNote({ kind, request }: JobRow): Markup | '' {
  const { model } = asked.parse(request)
  return kind !== 'infer' || model === undefined
    ? ''
    : html` <span class="faint small strange wide-only">${model}</span>`
}

const KINDS: Readonly<Record<JobRow['kind'], string>> = {
  review: 'Review',
  ask: 'Question',
  infer: 'Prompt',
  governance: 'Governance',
  report: 'Report',
}

/** `Review of acme/shop#7`, `Prompt`. */
export function jobTitle(job: Pick<JobRow, 'kind' | 'repository' | 'pullRequest'>): string {
  const kind = KINDS[job.kind]
  if (job.repository === null) return kind
  const word = job.kind === 'review' ? 'of' : 'on'
  return `${kind} ${word} ${job.repository}${job.pullRequest === null ? '' : `#${job.pullRequest}`}`
}
