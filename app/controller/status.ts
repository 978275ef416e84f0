import type { Clock } from '../../ports/clock.ts'
import { type MicroUsd, usdFromMicroUsd } from '../../ports/money.ts'
import type { Queue } from '../../ports/queue.ts'
import type { JobRow, PodRow, SlotHold, Store } from '../../ports/store.ts'
import type { StatusAnswer } from './schemas.ts'

const DAY_MS = 86_400_000
const SAMPLE_DAYS = 7
const SAMPLE_JOBS = 100
/** Later readings take up the newest only: rows are what a reading costs. */
const NEWEST_JOBS = 10
/** Scrapers and open dashboards ask often; the numbers move slowly. */
const FRESH_MS = 1_000
/** Up to this age the last reading is answered at once while the next one is made. */
const STALE_MS = 5_000

export interface StatusParts {
  readonly store: Store
  readonly queue: Queue
  readonly clock: Clock
  readonly budget: { readonly perDayMicroUsd: MicroUsd; readonly perMonthMicroUsd: MicroUsd }
}

interface Reading {
  readonly at: number
  readonly answer: Promise<StatusAnswer>
}

/** Reads what `GET /status` and the dashboard's first page show; who asks often is answered from memory, never older than five seconds. */
export function createStatusReader(parts: StatusParts): () => Promise<StatusAnswer> {
  const sample = createInferenceSample(parts.store)
  let last: Reading | undefined
  let next: Reading | undefined

  function read(now: number): Promise<StatusAnswer> {
    const reading: Reading = { at: now, answer: readStatus(parts, sample, now) }
    next = reading
    reading.answer.then(
      () => {
        last = reading
        next = undefined
      },
      () => {
        next = undefined
      },
    )
    return reading.answer
  }

  return () => {
    const now = parts.clock.now()
    if (last && now - last.at < FRESH_MS) return last.answer
    const coming = next?.answer ?? read(now)
    if (!last || now - last.at >= STALE_MS) return coming
    // Whoever waits for a reading hears of its failure; here nobody does.
    coming.catch(() => {})
    return last.answer
  }
}

/** How long the newest prompts took. */
function createInferenceSample(store: Store): () => Promise<readonly number[]> {
  let known: readonly { readonly id: string; readonly ms: number }[] = []
  return async () => {
    const rows = await store.jobs.listResults('infer', known.length === 0 ? SAMPLE_JOBS : NEWEST_JOBS)
    const found = rows.flatMap(({ id, result }) => inferMs(result).map((ms) => ({ id: id as string, ms })))
    const ids = new Set(found.map(({ id }) => id))
    known = [...found, ...known.filter(({ id }) => !ids.has(id))].slice(0, SAMPLE_JOBS)
    return known.map(({ ms }) => ms)
  }
}

async function readStatus(
  { store, queue, budget }: StatusParts,
  sample: () => Promise<readonly number[]>,
  now: number,
): Promise<StatusAnswer> {
  const since = now - SAMPLE_DAYS * DAY_MS
  const [recentPods, depth, spent, inferences, verdicts] = await Promise.all([
    store.pods.listSince(since),
    queue.depth(),
    store.ledger.totals({ day: startOfDay(now), month: startOfMonth(now), recent: startOfDay(since) }),
    sample(),
    store.governance.listVerdictHeads(undefined, 50),
  ])
  // A pod lives for hours, so what lives is among those of the last days; where nothing does, nobody holds anything.
  const live = recentPods
    .filter(({ state }) => state !== 'gone' && state !== 'rejected')
    .toSorted((a, b) => a.slot - b.slot)
  const holds = live.length === 0 ? [] : await store.slots.list()
  const pods = live.map((row) => podView(row, holds, now))
  const totals = Object.values(depth)
  return {
    pod: pods[0] ?? null,
    pods,
    queue: {
      waiting: totals.reduce((sum, queue) => sum + queue.waiting, 0),
      active: totals.reduce((sum, queue) => sum + queue.active, 0),
    },
    cost: {
      todayUsd: usdFromMicroUsd(spent.dayMicroUsd),
      monthUsd: usdFromMicroUsd(spent.monthMicroUsd),
      budget: {
        perDayUsd: usdFromMicroUsd(budget.perDayMicroUsd),
        perMonthUsd: usdFromMicroUsd(budget.perMonthMicroUsd),
      },
    },
    metrics: {
      idleSpendRatio: ratio(spent.recentIdleMicroUsd, spent.recentMicroUsd),
      spinUpP95Ms: percentile(
        recentPods.flatMap((row) => (row.readyAt === null ? [] : [row.readyAt - row.intentAt])),
        0.95,
      ),
      inferenceP95Ms: percentile(inferences, 0.95),
      usdPerJob: ratio(usdFromMicroUsd(spent.monthMicroUsd), spent.monthJobs),
      planDrift: latestDrift(verdicts),
    },
  }
}

/** A live pod as `pods list --json` and `/status` show it. */
export function podView(row: PodRow, holds: readonly (SlotHold & { readonly count: number })[], now: number) {
  const leases = sum(holds.filter((hold) => hold.podName === row.name).map((hold) => hold.count))
  const idleSince = leases > 0 || row.readyAt === null ? null : (row.lastUseAt ?? row.readyAt)
  return {
    name: row.name,
    id: row.providerId,
    state: row.state,
    gpu: row.candidate.gpu,
    model: row.model,
    usdPerHour: usdFromMicroUsd(row.microUsdPerHour),
    createdAt: new Date(row.attemptedAt ?? row.intentAt).toISOString(),
    idleSeconds: idleSince === null ? null : Math.max(0, Math.round((now - idleSince) / 1000)),
    leases,
  }
}

export function startOfDay(now: number): number {
  return now - (now % DAY_MS)
}

export function startOfMonth(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

/** The value below which a share of all samples lies (nearest rank); null without samples. */
export function percentile(samples: readonly number[], share: number): number | null {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null
}

/** Drift summed over the newest verdict of each open pull request that was judged lately. */
function latestDrift(
  verdicts: readonly { readonly repository: string; readonly pullRequest: number | null; readonly drift: number }[],
): number | null {
  const newest = new Map<string, number>()
  for (const verdict of verdicts) {
    const key = `${verdict.repository}#${verdict.pullRequest}`
    if (!newest.has(key)) newest.set(key, verdict.drift)
  }
  return newest.size === 0 ? null : sum([...newest.values()])
}

function inferMs(result: JobRow['result']): number[] {
  if (typeof result !== 'object' || result === null || !('timing' in result)) return []
  const { timing } = result
  if (typeof timing !== 'object' || timing === null || !('inferMs' in timing)) return []
  return typeof timing.inferMs === 'number' ? [timing.inferMs] : []
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
