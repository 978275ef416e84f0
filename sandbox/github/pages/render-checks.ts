import { html } from 'hono/html'
import type { CheckRun, CommitStatus } from '../state/check.ts'
import { fullName, type Repository } from '../state/repository.ts'
import type { Markup } from './markup.ts'

const marks: Readonly<Record<string, string>> = {
  success: '✓',
  failure: '✗',
  neutral: '■',
  skipped: '⊘',
  cancelled: '⊘',
  timed_out: '✗',
  action_required: '!',
  queued: '○',
  in_progress: '◐',
  pending: '○',
}

export function mark(outcome: string): Markup {
  return html`<span class="mark ${outcome}" title="${outcome}">${marks[outcome] ?? '•'}</span>`
}

/** The checks and statuses of a commit, newest of each name. */
export function renderChecks(repository: Repository, sha: string): Markup {
  const runs = new Map<string, CheckRun>()
  for (const run of repository.runs.values()) if (run.headSha === sha) runs.set(`${run.appId} ${run.name}`, run)
  const statuses = new Map<string, CommitStatus>()
  for (const status of repository.statuses) if (status.sha === sha) statuses.set(status.context, status)
  if (runs.size + statuses.size === 0) return html`<p class="muted">No check has reported yet.</p>`
  const rows = [
    ...[...runs.values()].map(
      (
        run,
      ) => html`<div class="row check" data-check="${run.name}" data-outcome="${run.conclusion ?? run.status}">${mark(run.conclusion ?? run.status)}
        <a href="/${fullName(repository)}/runs/${run.id}">${run.name}</a> <span class="muted">${run.title ?? run.conclusion ?? run.status}</span></div>`,
    ),
    ...[...statuses.values()].map(
      (status) =>
        html`<div class="row check" data-check="${status.context}" data-outcome="${status.state}">${mark(status.state)} ${status.context} <span class="muted">${status.description ?? ''}</span></div>`,
    ),
  ]
  return html`${rows}`
}
