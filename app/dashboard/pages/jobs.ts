import { html } from 'hono/html'
import { z } from 'zod'
import { jobId } from '../../../ports/ids.ts'
import type { JobFilter, JobRow } from '../../../ports/store.ts'
import { badge } from '../bits.ts'
import { jobTable } from '../job-table.ts'
import type { Markup } from '../markup.ts'
import type { DashboardParts } from '../parts.ts'
import { countText } from '../words.ts'

const PAGE = 50
const WEEK_MS = 7 * 86_400_000
const KINDS = ['review', 'ask', 'infer', 'governance', 'report'] as const
const STATES = ['queued', 'waiting_pod', 'running', 'publishing', 'done', 'failed', 'cancelled'] as const
const OUTCOMES = ['posted', 'clean', 'partial', 'failed', 'answered', 'success', 'failure', 'neutral', 'error'] as const

const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words).optional().catch(undefined)

/** What a browser asks for; anything unknown is no filter. */
const jobQuery = z.object({
  kind: word(KINDS),
  state: word(STATES),
  outcome: word(OUTCOMES),
  repository: z.string().trim().min(1).max(200).optional().catch(undefined),
  pull: z.coerce.number().int().positive().max(2_000_000_000).optional().catch(undefined),
  after: jobId.optional().catch(undefined),
})
type JobQuery = z.infer<typeof jobQuery>

export interface JobsModel {
  readonly now: number
  readonly query: JobQuery
  readonly jobs: readonly JobRow[]
  readonly hasMore: boolean
  /** Jobs of the last week by outcome, or by state where there is none yet. */
  readonly counts: Readonly<Record<string, number>>
}

export async function readJobs(parts: DashboardParts, query: Readonly<Record<string, string>>): Promise<JobsModel> {
  const wanted = jobQuery.parse(query)
  const { kind, state, outcome, repository, pull, after } = wanted
  const filter: JobFilter = {
    ...(kind === undefined ? {} : { kind }),
    ...(state === undefined ? {} : { state }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(repository === undefined ? {} : { repository }),
    ...(pull === undefined ? {} : { pullRequest: pull }),
  }
  const now = parts.clock.now()
  const [rows, counts] = await Promise.all([
    parts.store.jobs.list(filter, PAGE + 1, after),
    parts.store.jobs.countByOutcome(now - WEEK_MS),
  ])
  return { now, query: wanted, jobs: rows.slice(0, PAGE), hasMore: rows.length > PAGE, counts }
}

export function jobsView({ now, query, jobs, hasMore, counts }: JobsModel): Markup {
  const last = jobs.at(-1)
  return html`
<section id="counts" data-live aria-label="Last seven days">${week(counts)}</section>
<form method="get" action="/dashboard/jobs" class="filters card" data-submit role="search" aria-label="Filter jobs">
${choice('kind', 'Kind', KINDS, query.kind)}
${choice('state', 'State', STATES, query.state)}
${choice('outcome', 'Outcome', OUTCOMES, query.outcome)}
<label>Repository <input name="repository" value="${query.repository ?? ''}" placeholder="owner/name" spellcheck="false"></label>
<label>Pull request <input name="pull" inputmode="numeric" class="short" value="${query.pull ?? ''}" placeholder="7"></label>
<button>Filter</button> <a class="button quiet" href="/dashboard/jobs">Clear</a>
</form>
<section id="jobs" data-live aria-label="Jobs">
${jobs.length === 0 ? html`<p class="empty card">No job fits${query.after === undefined ? '' : ' from here on'}.</p>` : jobTable(jobs, now, 'Jobs, newest first')}
<nav class="pager" aria-label="More jobs">
${query.after === undefined ? '' : html`<a class="button" href="${linkTo(query, undefined)}">Newest</a>`}
${hasMore && last !== undefined ? html`<a class="button" rel="next" href="${linkTo(query, last.id)}">Older</a>` : ''}
</nav>
</section>`
}

/** What became of the week's jobs, most first; each leads to its jobs. */
function week(counts: JobsModel['counts']): Markup {
  const all = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
  if (all.length === 0) return html`<p class="faint">No job in the last seven days.</p>`
  const sum = all.reduce((total, [, count]) => total + count, 0)
  return html`<ul class="counts"><li>${countText(sum, 'job')} in seven days:</li>${all.map(([name, count]) => {
    const filter = OUTCOMES.some((outcome) => outcome === name) ? 'outcome' : 'state'
    return html`<li><a href="/dashboard/jobs?${filter}=${encodeURIComponent(name)}">${badge(name)} ${count.toLocaleString('en-US')}</a></li>`
  })}</ul>`
}

function choice(name: string, label: string, words: readonly string[], chosen: string | undefined): Markup {
  return html`<label>${label} <select name="${name}"><option value="">any</option>${words.map(
    (value) =>
      html`<option value="${value}"${value === chosen ? html` selected` : ''}>${value.replaceAll('_', ' ')}</option>`,
  )}</select></label>`
}

function linkTo(query: JobQuery, after: string | undefined): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, after })) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return `/dashboard/jobs${text === '' ? '' : `?${text}`}`
}
