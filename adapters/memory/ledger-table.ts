import { type MicroUsd, microUsd } from '../../ports/money.ts'
import { type JobCost, type LedgerEntry, type LedgerStore, type PodRow, RECONCILE_LEASE } from '../../ports/store.ts'
import { fenceLost } from '../../ports/store-errors.ts'
import type { LeaseTable } from './lease-table.ts'
import { isLive } from './pod-table.ts'

type Account = Partial<Record<LedgerEntry['kind'], LedgerEntry>>

export interface LedgerTable extends LedgerStore {
  put(entry: LedgerEntry): void
  sumCommitted(since: number): MicroUsd
}

const DAY_MS = 86_400_000

export function createLedgerTable(pods: ReadonlyMap<string, PodRow>, leases: LeaseTable): LedgerTable {
  const accounts = new Map<string, Account>()
  const costs: JobCost[] = []

  const spentEntries = () => [...accounts.values()].flatMap((account) => countedOf(account) ?? [])
  const unaccrued = (podName: string, account: Account): number => {
    const pod = pods.get(podName)
    if (account.settle !== undefined || account.reserve === undefined || pod === undefined || !isLive(pod)) return 0
    return Math.max(0, account.reserve.microUsd - (account.accrue?.microUsd ?? 0))
  }
  const sumSpent = (since: number, until = Number.POSITIVE_INFINITY) =>
    sum(spentEntries().filter((entry) => entry.at >= since && entry.at < until))
  const table = {
    put(entry: LedgerEntry) {
      const account = accounts.get(entry.podName) ?? {}
      if (account.settle === undefined || entry.kind === 'bill')
        accounts.set(entry.podName, { ...account, [entry.kind]: entry })
    },
    sumCommitted(since: number) {
      const reserved = [...accounts].reduce((total, [podName, account]) => total + unaccrued(podName, account), 0)
      return microUsd(sumSpent(since) + reserved)
    },
  }

  return {
    ...table,
    async write(entry, fence) {
      if (leases.fenceOf(RECONCILE_LEASE) !== fence) throw fenceLost(`The ledger of pod ${entry.podName}`, fence)
      table.put(entry)
    },
    committed: async (since) => table.sumCommitted(since),
    spent: async (since, until) => sumSpent(since, until),
    async totals({ day, month, recent }) {
      const earlier = new Set(costs.filter((cost) => cost.at < month).map((cost) => cost.jobId))
      const charged = new Set(costs.filter((cost) => !earlier.has(cost.jobId)).map((cost) => cost.jobId))
      const idle = idlePerDay(recent).map(({ idleMicroUsd }) => ({ microUsd: idleMicroUsd }))
      return {
        dayMicroUsd: sumSpent(day),
        monthMicroUsd: sumSpent(month),
        monthJobs: charged.size,
        recentMicroUsd: sumSpent(recent),
        recentIdleMicroUsd: sum(idle),
      }
    },
    settlements: async (since) =>
      [...accounts.values()]
        .flatMap(({ settle, bill }) => (settle === undefined || settle.at < since ? [] : [{ settle, bill }]))
        .map(({ settle, bill }) => ({
          podName: settle.podName,
          at: settle.at,
          clockMicroUsd: settle.microUsd,
          billMicroUsd: bill?.microUsd ?? null,
        }))
        .toSorted((a, b) => a.at - b.at || (a.podName < b.podName ? -1 : 1)),
    async chargeJob(cost) {
      costs.push(cost)
    },
    jobCosts: async (since) => costs.filter((cost) => cost.at >= since),
    async jobTotals(since) {
      const groups = Map.groupBy(
        costs.filter((cost) => cost.at >= since),
        (cost) => `${dayOf(cost.at)} ${cost.repository ?? ''}`,
      )
      return [...groups]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, charged]) => {
          const [first] = charged
          if (first === undefined) return []
          return {
            day: dayOf(first.at),
            repository: first.repository,
            jobs: new Set(charged.map((cost) => cost.jobId)).size,
            microUsd: sum(charged),
            gpuMs: charged.reduce((total, cost) => total + cost.gpuMs, 0),
          }
        })
    },
    perDay: async (since) => idlePerDay(since),
  }

  function idlePerDay(since: number) {
    const days = Map.groupBy(
      spentEntries().filter((entry) => entry.at >= since),
      (entry) => dayOf(entry.at),
    )
    const used = Map.groupBy(costs, (cost) => dayOf(cost.at))
    return [...days]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([day, entries]) => ({
        day,
        microUsd: sum(entries),
        idleMicroUsd: microUsd(Math.max(0, sum(entries) - sum(used.get(day) ?? []))),
      }))
  }
}

/** A bill counts instead of the settlement, and for the same day. */
function countedOf({ accrue, settle, bill }: Account): LedgerEntry | undefined {
  const spent = settle ?? accrue
  return bill === undefined ? spent : { ...bill, at: spent?.at ?? bill.at }
}

function dayOf(at: number): string {
  return new Date(Math.floor(at / DAY_MS) * DAY_MS).toISOString().slice(0, 10)
}

function sum(entries: readonly { readonly microUsd: MicroUsd }[]): MicroUsd {
  return microUsd(entries.reduce((total, entry) => total + entry.microUsd, 0))
}
