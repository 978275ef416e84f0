import type { PodName } from '../../ports/ids.ts'
import { type PodRow, type PodStore, RECONCILE_LEASE } from '../../ports/store.ts'
import { budgetReached, fenceLost, storeConflict, storeMissing } from '../../ports/store-errors.ts'
import type { LeaseTable } from './lease-table.ts'
import type { LedgerTable } from './ledger-table.ts'

export function createPodTable(rows: Map<string, PodRow>, leases: LeaseTable, ledger: LedgerTable): PodStore {
  const checkFence = (name: PodName, fence: number) => {
    if (leases.fenceOf(RECONCILE_LEASE) !== fence) throw fenceLost(`Pod ${name}`, fence)
  }
  const live = () => [...rows.values()].filter(isLive).sort((a, b) => a.slot - b.slot)

  return {
    async insertIntent(row, fence, caps) {
      checkFence(row.name, fence)
      if (rows.has(row.name)) throw storeConflict(`Pod ${row.name}`)
      if (isLive(row) && live().some((other) => other.slot === row.slot)) {
        throw storeConflict(`A live pod in slot ${row.slot}`)
      }
      for (const cap of caps) {
        const committed = ledger.sumCommitted(cap.since)
        if (committed + row.reservedMicroUsd > cap.capMicroUsd)
          throw budgetReached(cap, committed, row.reservedMicroUsd)
      }
      rows.set(row.name, row)
      ledger.put({ podName: row.name, kind: 'reserve', microUsd: row.reservedMicroUsd, at: row.intentAt })
    },
    async update(name, fence, patch) {
      checkFence(name, fence)
      const row = rows.get(name)
      if (row === undefined) throw storeMissing(`Pod ${name}`)
      rows.set(name, { ...row, ...patch })
    },
    listLive: async () => live(),
    find: async (name) => rows.get(name),
    async listSince(since) {
      return [...rows.values()].filter((row) => row.intentAt >= since).sort((a, b) => a.intentAt - b.intentAt)
    },
  }
}

export function isLive(row: PodRow): boolean {
  return row.state !== 'gone' && row.state !== 'rejected'
}
