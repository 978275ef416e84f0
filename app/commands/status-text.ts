import { formatUsd } from '../../ports/money.ts'
import type { JobRow } from '../../ports/store.ts'

export function isOpenJob({ state }: Pick<JobRow, 'state'>): boolean {
  return state !== 'done' && state !== 'failed' && state !== 'cancelled'
}

/** Answer to `/devloop status`: the latest jobs of a pull request, newest first. */
export function renderStatus(
  jobs: readonly JobRow[],
  paused: boolean,
  nowMs: number,
  jobUrl: (id: string) => string | null,
): string {
  const note = paused ? '\n\nAutomatic reviews are paused; `/devloop resume` restarts them.' : ''
  if (jobs.length === 0) return `DevLoop has done nothing on this pull request yet.${note}`
  const rows = jobs.map((job) => {
    const url = jobUrl(job.id)
    const name = url === null ? job.kind : `[${job.kind}](${url})`
    const state = job.outcome ?? job.state.replace('_', ' ')
    const who = job.requestedBy === null ? '' : `\`${job.requestedBy}\``
    return `| ${name} | ${state} | ${who} | ${ago(nowMs - job.createdAt)} | ${formatUsd(job.costMicroUsd)} |`
  })
  return `| job | state | asked by | when | cost |\n|---|---|---|---|---|\n${rows.join('\n')}${note}`
}

function ago(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 120) return `${minutes} min ago`
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / 1440)} days ago`
}
