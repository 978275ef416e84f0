import type { JobId } from '../../ports/ids.ts'
import { microUsd } from '../../ports/money.ts'
import type { JobEvent, JobLimits, JobRow, JobStore, Json, NewJob } from '../../ports/store.ts'
import { fenceLost, limitReached, storeConflict, storeMissing } from '../../ports/store-errors.ts'
import { onRollback } from './memory-transaction.ts'

export function createJobTable(signalJobs: () => void): JobStore {
  const rows = new Map<JobId, JobRow>()
  const steps = new Map<JobId, Map<string, Json>>()
  const events = new Map<JobId, JobEvent[]>()

  const all = () => [...rows.values()]
  const owned = (id: JobId, fence: number): JobRow => {
    const row = rows.get(id)
    if (row === undefined) throw storeMissing(`Job ${id}`)
    if (row.fence !== fence) throw fenceLost(`Job ${id}`, fence)
    return row
  }

  return {
    async create(job, transaction, limits) {
      if (rows.has(job.id)) throw storeConflict(`Job ${job.id}`)
      if (limits !== undefined) checkLimits(all(), job, limits)
      rows.set(job.id, freshRow(job))
      onRollback(transaction, () => rows.delete(job.id))
    },
    async addEnded(jobs) {
      const known = jobs.find(({ id }) => rows.has(id))
      if (known !== undefined) throw storeConflict(`Job ${known.id}`)
      for (const job of jobs) rows.set(job.id, { ...freshRow(job), ...job })
    },
    find: async (id) => rows.get(id),
    async list(filter, limit, cursor) {
      return all()
        .filter((row) => cursor === undefined || row.id < cursor)
        .filter((row) => Object.entries(filter).every(([name, wanted]) => row[name as keyof JobRow] === wanted))
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit)
    },
    async listResults(kind, limit) {
      return all()
        .filter((row) => row.kind === kind)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit)
        .map(({ id, result }) => ({ id, result }))
    },
    async claim(id, at) {
      const row = rows.get(id)
      if (row === undefined || row.endedAt !== null) return undefined
      const claimed = { ...row, fence: row.fence + 1, startedAt: row.startedAt ?? at }
      rows.set(id, claimed)
      return claimed
    },
    async update(id, fence, patch, transaction) {
      const before = owned(id, fence)
      rows.set(id, { ...before, ...patch })
      onRollback(transaction, () => rows.set(id, before))
    },
    async requestCancel(id) {
      const row = rows.get(id)
      if (row !== undefined && row.endedAt === null) rows.set(id, { ...row, cancelRequested: true })
      signalJobs()
    },
    async recordStep(id, fence, step, value) {
      owned(id, fence)
      const recorded = steps.get(id) ?? new Map<string, Json>()
      steps.set(id, recorded)
      const first = recorded.get(step)
      if (first !== undefined) return first
      recorded.set(step, structuredClone(value))
      return value
    },
    listSteps: async (id) => new Map(steps.get(id)),
    async addEvent(id, event) {
      events.set(id, [...(events.get(id) ?? []), event])
    },
    listEvents: async (id) => events.get(id) ?? [],
    async listOpen(limit) {
      return all()
        .filter(isOpen)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
    },
    async countByUser(login, since) {
      const mine = all().filter((row) => row.requestedBy === login && row.createdAt >= since)
      const costMicroUsd = microUsd(mine.reduce((total, row) => total + row.costMicroUsd, 0))
      return { created: mine.length, open: mine.filter(isOpen).length, costMicroUsd }
    },
    async prune(before) {
      const old = all()
        .filter((row) => row.endedAt !== null && row.endedAt < before)
        .sort((a, b) => a.createdAt - b.createdAt)
        .slice(0, PRUNED_AT_ONCE)
      for (const { id } of old) {
        rows.delete(id)
        steps.delete(id)
        events.delete(id)
      }
      return old.length
    },
    async countByOutcome(since) {
      const counts: Record<string, number> = {}
      for (const row of all()) {
        const word = row.outcome ?? row.state
        if (row.createdAt >= since) counts[word] = (counts[word] ?? 0) + 1
      }
      return counts
    },
  }
}

const PRUNED_AT_ONCE = 1_000

function isOpen(row: JobRow): boolean {
  return row.endedAt === null
}

function freshRow(job: NewJob): JobRow {
  return {
    ...job,
    state: 'queued',
    fence: 0,
    infrastructureRetries: 0,
    cancelRequested: false,
    startedAt: null,
    endedAt: null,
    outcome: null,
    error: null,
    result: null,
    costMicroUsd: microUsd(0),
  }
}

function checkLimits(rows: readonly JobRow[], job: NewJob, limits: JobLimits): void {
  const user = rows.filter((row) => job.requestedBy !== null && row.requestedBy === job.requestedBy)
  const open = rows.filter(isOpen)
  const counts = {
    perUserPerDay: user.filter((row) => row.createdAt >= limits.since).length,
    perUserConcurrent: user.filter(isOpen).length,
    perRepository: open.filter((row) => job.repository !== null && row.repository === job.repository).length,
    global: open.length,
  }
  for (const name of ['perUserPerDay', 'perUserConcurrent', 'perRepository', 'global'] as const) {
    const allowed = limits[name]
    if (allowed !== null && counts[name] >= allowed) throw limitReached(name, allowed)
  }
}
