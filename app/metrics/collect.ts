import { z } from 'zod'
import type { Queue } from '../../ports/queue.ts'
import type { JobRow, PodRow, Store } from '../../ports/store.ts'
import type { Instruments } from './instruments.ts'

const JOBS_PER_PAGE = 40
const MOST_JOBS = 400
const MOST_VERDICTS = 50
const OPEN_STATES = new Set(['queued', 'waiting_pod', 'running', 'publishing'])

const timed = z.object({ timing: z.object({ inferMs: z.number() }) })
const judged = z.object({ rules: z.array(z.object({ id: z.string(), status: z.string() })) })
const swept = z.object({ count: z.number() })

export interface CollectParts {
  readonly store: Store
  readonly queue: Queue
  readonly budget: { readonly perDayMicroUsd: number; readonly perMonthMicroUsd: number }
  readonly readDrift: () => Promise<number | null>
}

/** Sets every instrument from the store; histograms take up what ended after `since`. */
export async function collect(
  parts: CollectParts,
  instruments: Instruments,
  span: { readonly since: number; readonly now: number },
): Promise<void> {
  const { store, queue, budget } = parts
  const { now } = span
  const month = startOfMonth(now)
  const day = now - (now % 86_400_000)
  const [outcomes, depth, live, pods, daySpent, monthSpent, days, fates, jobs, drift, sweeps] = await Promise.all([
    store.jobs.countByOutcome(month),
    queue.depth(),
    store.pods.listLive(),
    store.pods.listSince(month),
    store.ledger.spent(day),
    store.ledger.spent(month),
    store.ledger.perDay(month),
    store.deliveries.countByFate(),
    newestJobs(store, span.since),
    parts.readDrift(),
    store.facts.get('fleet/swept'),
  ])
  const of = instruments
  for (const metric of [of.jobs, of.openJobs, of.queueDepth, of.pods, of.podSeconds, of.deliveries, of.sweepKills])
    metric.reset()
  for (const [word, count] of Object.entries(outcomes)) {
    if (OPEN_STATES.has(word)) of.openJobs.set({ state: word }, count)
    else of.jobs.inc({ outcome: word }, count)
  }
  for (const [name, { waiting, active }] of Object.entries(depth)) {
    of.queueDepth.set({ queue: name, state: 'waiting' }, waiting)
    of.queueDepth.set({ queue: name, state: 'active' }, active)
  }
  for (const row of live) of.pods.inc({ state: row.state })
  for (const row of pods) {
    for (const [state, ms] of phasesOf(row, now)) of.podSeconds.inc({ state }, ms / 1000)
  }
  of.spend.set({ period: 'day' }, daySpent)
  of.spend.set({ period: 'month' }, monthSpent)
  of.idleSpend.set(
    { period: 'month' },
    days.reduce((sum, each) => sum + each.idleMicroUsd, 0),
  )
  of.budget.set({ period: 'day' }, budget.perDayMicroUsd)
  of.budget.set({ period: 'month' }, budget.perMonthMicroUsd)
  for (const [fate, count] of Object.entries(fates)) of.deliveries.set({ fate }, count)
  of.drift.set(drift ?? 0)
  of.sweepKills.inc(swept.safeParse(sweeps).data?.count ?? 0)

  const isNew = (at: number | null) => at !== null && at > span.since && at <= now
  for (const job of jobs) if (isNew(job.endedAt)) observeJob(job, of)
  for (const row of pods) if (isNew(row.readyAt)) of.spinUp.observe(((row.readyAt ?? 0) - row.intentAt) / 1000)
  for (const head of await store.governance.listVerdictHeads(undefined, MOST_VERDICTS)) {
    if (!isNew(head.createdAt)) continue
    const verdict = judged.safeParse((await store.governance.findVerdict(head.id))?.verdict)
    for (const { id, status } of verdict.data?.rules ?? []) of.verdicts.inc({ rule: id, status })
  }
}

/** Pages until one reaches back before `since`: a job that ended since may have been made a while before, but seldom before a whole page. */
async function newestJobs(store: Store, since: number): Promise<readonly JobRow[]> {
  const found: JobRow[] = []
  while (found.length < MOST_JOBS) {
    const page = await store.jobs.list({}, JOBS_PER_PAGE, found.at(-1)?.id)
    found.push(...page)
    const oldest = page.at(-1)
    if (page.length < JOBS_PER_PAGE || oldest === undefined || oldest.createdAt <= since) break
  }
  return found
}

function observeJob(job: JobRow, { queueWait, inference }: Instruments): void {
  if (job.startedAt !== null) queueWait.observe({ kind: job.kind }, Math.max(0, job.startedAt - job.createdAt) / 1000)
  const { data } = timed.safeParse(job.result)
  if (data) inference.observe(data.timing.inferMs / 1000)
}

/** How long a pod was in each phase so far; only what is paid for. */
export function phasesOf(row: PodRow, now: number): readonly (readonly [string, number])[] {
  const marks: readonly (readonly [string, number | null])[] = [
    ['provisioning', row.attemptedAt],
    ['booting', row.runningAt],
    ['serving', row.readyAt],
    ['draining', row.drainAt],
    ['terminating', row.terminateAt],
  ]
  const end = row.deletedAt ?? row.goneAt ?? now
  const reached = marks.filter((mark): mark is readonly [string, number] => mark[1] !== null)
  return reached.map(([state, at], index) => [state, Math.max(0, (reached[index + 1]?.[1] ?? end) - at)] as const)
}

function startOfMonth(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
