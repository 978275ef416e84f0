import { html } from 'hono/html'
import type { JobRow, PodRow } from '../../../ports/store.ts'
import { tiles } from '../bits.ts'
import { jobTable } from '../job-table.ts'
import type { Viewer } from '../layout.ts'
import type { Markup } from '../markup.ts'
import type { DashboardParts, DashboardStatus } from '../parts.ts'
import { podCard } from '../pod-card.ts'
import { statusTiles } from '../status-tiles.ts'
import { countText } from '../words.ts'

export interface NowModel {
  readonly now: number
  readonly pods: readonly (PodRow & { readonly leases: number })[]
  readonly status: DashboardStatus
  readonly jobs: readonly JobRow[]
  /** Why jobs wait, in the fleet's own words. */
  readonly notes: readonly string[]
  readonly parts: Pick<DashboardParts, 'budget' | 'idle' | 'defaultModel' | 'engine'>
}

export async function readNow(parts: DashboardParts): Promise<NowModel> {
  const { store, clock } = parts
  const [live, holds, demands, status, jobs] = await Promise.all([
    store.pods.listLive(),
    store.slots.list(),
    store.demands.list(),
    parts.readStatus(),
    store.jobs.list({}, 10),
  ])
  return {
    now: clock.now(),
    pods: live.map((row) => ({
      ...row,
      leases: holds.filter((hold) => hold.podName === row.name).reduce((sum, hold) => sum + hold.count, 0),
    })),
    status,
    jobs,
    notes: [...new Set(demands.flatMap((demand) => demand.refused?.message ?? demand.note ?? []))],
    parts,
  }
}

export function nowView(model: NowModel, viewer: Viewer): Markup {
  const { now, pods, status, jobs, notes, parts } = model
  return html`
<section id="pods" data-live aria-label="GPU">
${pods.length === 0 ? noPod(model, viewer) : pods.map((pod, index) => podCard(pod, now, parts.idle, index === 0 && viewer.mayControl ? stopButton(pods.length) : ''))}
${notes.map((note) => html`<p class="notice warn strange">${note}</p>`)}
</section>
<section id="numbers" data-live aria-label="Numbers">
${tiles(statusTiles(status, parts.budget, now))}
</section>
<section id="latest" data-live aria-labelledby="latest-title">
<div class="between"><h2 id="latest-title">Last ten jobs</h2><a href="/dashboard/jobs">All jobs</a></div>
${jobTable(jobs, now, 'The last ten jobs')}
</section>`
}

function stopButton(pods: number): Markup {
  return html`<a class="button danger" href="/dashboard/stop" data-confirm>Stop ${pods === 1 ? 'this GPU' : 'all GPUs'}…</a>`
}

function noPod({ parts, status }: NowModel, viewer: Viewer): Markup {
  const { waiting, active } = status.queue
  if (parts.engine !== 'runpod') {
    return html`<div class="card pod"><p class="state">Fixed engine</p><p class="faint">Calls go to <code class="strange">${parts.engine}</code>; nothing is rented.</p></div>`
  }
  return html`<div class="card pod none"><div><p class="state"><span class="dot" aria-hidden="true"></span>No GPU is rented</p>
<p class="faint">Nothing costs money now. The next job rents one by itself${waiting + active > 0 ? html`: ${countText(waiting, 'message')} waiting, ${active.toLocaleString('en-US')} at work` : ''}.</p></div>
${viewer.mayControl ? html`<form method="post" action="/dashboard/start"><input type="hidden" name="csrf" value="${viewer.csrf}"><button class="primary">Start one now</button><p class="faint small">Warms <code>${parts.defaultModel}</code>.</p></form>` : ''}</div>`
}
