import { html } from 'hono/html'
import { z } from 'zod'
import { type JobId, podName } from '../../../ports/ids.ts'
import type { JobEvent, JobRow, PodRow } from '../../../ports/store.ts'
import { badge, facts, outLink, when } from '../bits.ts'
import { findingsView } from '../findings-view.ts'
import { ganttSpans } from '../gantt.ts'
import { ganttView } from '../gantt-view.ts'
import { parseAnswerResult, parsePrompt, parseReviewResult, type ShownReview } from '../job-result.ts'
import type { Viewer } from '../layout.ts'
import type { Markup } from '../markup.ts'
import type { DashboardParts } from '../parts.ts'
import { countText, durationText, moneyText, timeText } from '../words.ts'

const MOST_EVENTS = 500
const POD_NAME = /devloop-[0-9a-z]{8}-[0-9a-hjkmnp-tv-z]{26}-x[0-9a-z]+/u

export interface JobModel {
  readonly now: number
  readonly job: JobRow
  readonly events: readonly JobEvent[]
  readonly pod: PodRow | undefined
  readonly githubWebUrl: string | null
}

export async function readJob(parts: DashboardParts, id: JobId): Promise<JobModel | undefined> {
  const { store, clock, githubWebUrl } = parts
  const job = await store.jobs.find(id)
  if (job === undefined) return undefined
  const events = await store.jobs.listEvents(id)
  const name = events.map((event) => POD_NAME.exec(event.text)?.[0]).findLast((found) => found !== undefined)
  const pod = name === undefined ? undefined : await store.pods.find(podName.parse(name))
  return { now: clock.now(), job, events, pod, githubWebUrl }
}

export function jobView(model: JobModel, viewer: Viewer): Markup {
  const { now, job, events, pod } = model
  const review = job.kind === 'review' ? parseReviewResult(job.result) : undefined
  const end = job.endedAt ?? now
  return html`
<section id="job" data-live aria-label="Job">
<div class="card">
${facts([
  [
    'State',
    html`${badge(job.outcome ?? job.state)}${job.cancelRequested && job.endedAt === null ? html` ${badge('cancel asked', 'warn')}` : ''}`,
  ],
  ['Pull request', pullRequestLink(model)],
  ['Asked by', job.requestedBy === null ? null : html`<bdi class="strange">${job.requestedBy}</bdi>`],
  ['Created', when(job.createdAt, now)],
  [
    'Took',
    html`${job.endedAt === null ? html`<span data-since="${job.createdAt}">${durationText(end - job.createdAt)}</span> so far` : durationText(end - job.createdAt)}`,
  ],
  ['Cost', moneyText(job.costMicroUsd)],
  ['Head', job.headSha === null ? null : html`<code>${job.headSha.slice(0, 10)}</code>`],
  ['GPU', pod === undefined ? null : html`${pod.candidate.gpu} <code class="strange">${pod.name}</code>`],
  ['Retries', job.infrastructureRetries === 0 ? null : String(job.infrastructureRetries)],
  ['Id', html`<code>${job.id}</code>`],
])}
${job.error === null ? '' : html`<p class="notice bad strange">${job.error.message} <strong>${job.error.remedy}</strong></p>`}
${review?.shortfall ? html`<p class="notice warn strange">${review.shortfall}</p>` : ''}
${(review?.notes ?? []).map((note) => html`<p class="notice strange">${note}</p>`)}
${cancelButton(job, viewer)}
</div>
<h2>Where the time went</h2>
<div class="card">${ganttView(ganttSpans(job, events, pod, now), job.createdAt, end)}</div>
${review === undefined ? promptView(job) : reviewView(review)}
${callTable(events)}
<h2>Timeline</h2>
${timeline(events, job)}
</section>`
}

function pullRequestLink({ job, githubWebUrl }: JobModel): Markup | string | null {
  if (job.repository === null) return null
  const text = `${job.repository}${job.pullRequest === null ? '' : `#${job.pullRequest}`}`
  if (githubWebUrl === null || job.pullRequest === null) return text
  return outLink(`${githubWebUrl}/${job.repository}/pull/${job.pullRequest}`, text)
}

function cancelButton(job: JobRow, viewer: Viewer): Markup | string {
  if (job.endedAt !== null || job.cancelRequested || !viewer.mayControl) return ''
  return html`<form method="post" action="/dashboard/jobs/${job.id}/cancel" class="actions"><input type="hidden" name="csrf" value="${viewer.csrf}"><button class="danger">Cancel this job</button></form>`
}

function promptView(job: JobRow): Markup {
  const prompt = parsePrompt(job.request)
  const answer = parseAnswerResult(job.result)
  return html`
${prompt === undefined ? '' : html`<h2>Prompt</h2><pre class="card strange text" tabindex="0" aria-label="Prompt">${prompt}</pre>`}
${
  answer === undefined
    ? ''
    : html`<h2>Answer</h2>${answer.output === undefined ? html`<p class="card faint">The gateway passes answers on and keeps none.</p>` : html`<pre class="card strange text" tabindex="0" aria-label="Answer">${answer.output}</pre>`}
<div class="card">${facts([
        ['Model', html`<code class="strange">${answer.model}</code>`],
        ['Tokens', tokensText(answer.usage)],
        ['Waited', milliseconds(answer.timing.queueMs)],
        ['Spin-up', milliseconds(answer.timing.spinUpMs)],
        ['Inference', milliseconds(answer.timing.inferMs)],
      ])}</div>`
}`
}

function milliseconds(value: number | null | undefined): string | null {
  return value === null || value === undefined ? null : durationText(value)
}

function reviewView(review: ShownReview): Markup {
  const { findings, coverage, checklist, usage, cost, receipt, reviewUrl } = review
  const read = coverage.filter((entry) => entry.state === 'reviewed').length
  return html`
<div class="between"><h2>${countText(findings.length, 'finding')}</h2>${reviewUrl ? outLink(reviewUrl, 'Open the review') : ''}</div>
${findingsView(findings)}
${checklist.length === 0 ? '' : html`<h2>Checklist</h2><ul class="card plain-list">${checklist.map((item) => html`<li>${badge(item.state.replaceAll('-', ' '), item.state === 'fine' ? 'good' : item.state === 'attention' ? 'warn' : 'plain')} <strong>${item.topic.replaceAll('-', ' ')}</strong> <span class="strange">${item.text}</span></li>`)}</ul>`}
<h2>Coverage</h2>
<details class="card" id="coverage"><summary>${read} of ${countText(coverage.length, 'hunk')} read</summary><div class="scroll" tabindex="0" role="region" aria-label="Coverage"><table><thead><tr><th scope="col">File</th><th scope="col">Hunk</th><th scope="col">State</th><th scope="col">Why</th></tr></thead>
<tbody>${coverage.map((entry) => html`<tr><th scope="row" class="strange">${entry.path}</th><td><code class="strange">${entry.hunk}</code></td><td>${badge(entry.state, entry.state === 'reviewed' ? 'good' : 'warn')}</td><td class="strange">${entry.reason ?? ''}</td></tr>`)}</tbody></table></div></details>
<h2>Receipt</h2>
<div class="card">${facts([
    ['Calls', usage.calls === undefined ? null : String(usage.calls)],
    ['Tokens', tokensText(usage)],
    ['GPU time', cost.gpuSeconds === undefined ? null : `${cost.gpuSeconds} s`],
    ...Object.entries(receipt).map(
      ([name, value]) => [receiptName(name), html`<code class="strange">${receiptText(name, value)}</code>`] as const,
    ),
  ])}</div>`
}

function tokensText(usage: ShownReview['usage']): string {
  const text = (count: number | null | undefined) => count?.toLocaleString('en-US') ?? '–'
  return `${text(usage.promptTokens)} in, ${text(usage.completionTokens)} out`
}

function receiptName(name: string): string {
  if (name === 'gpu') return 'GPU'
  const words = name.replaceAll(/([A-Z])/gu, ' $1').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function receiptText(name: string, value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number' && name.endsWith('At')) return timeText(value)
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map((item) => String(item).slice(0, 12)).join(' ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, item]) => `${key} ${String(item)}`)
      .join(', ')
  return String(value)
}

const callFacts = z
  .object({ startedAt: z.number(), promptTokens: z.number(), completionTokens: z.number() })
  .partial()
  .catch({})

/** Sizes of the prompts, call by call. */
function callTable(events: readonly JobEvent[]): Markup | string {
  const calls = events.filter((event) => event.kind === 'model-call').slice(0, MOST_EVENTS)
  if (calls.length === 0) return ''
  return html`<h2>Model calls</h2><details class="card" id="calls"><summary>${countText(calls.length, 'call')}</summary><div class="scroll" tabindex="0" role="region" aria-label="Model calls"><table>
<thead><tr><th scope="col">Call</th><th scope="col" class="number">Prompt tokens</th><th scope="col" class="number">Answer tokens</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>${calls.map((event) => {
    const { startedAt, promptTokens, completionTokens } = callFacts.parse(event.facts)
    return html`<tr><th scope="row" class="strange">${event.text}</th><td class="number">${promptTokens?.toLocaleString('en-US') ?? '–'}</td><td class="number">${completionTokens?.toLocaleString('en-US') ?? '–'}</td><td class="number">${startedAt === undefined ? '–' : durationText(event.at - startedAt)}</td></tr>`
  })}</tbody></table></div></details>`
}

function timeline(events: readonly JobEvent[], job: JobRow): Markup {
  if (events.length === 0) return html`<p class="empty card">Nothing was recorded.</p>`
  const cut = events.length - MOST_EVENTS
  return html`<ol class="card timeline">${cut > 0 ? html`<li class="faint">${countText(cut, 'earlier line')} left out</li>` : ''}${events
    .slice(-MOST_EVENTS)
    .map(
      (event) =>
        html`<li><span class="at">+${durationText(event.at - job.createdAt)}</span> <span class="kind">${event.kind}</span> <span class="strange">${event.text}</span></li>`,
    )}</ol>`
}
