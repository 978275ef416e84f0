import type { DemandRow, DemandStore } from '../../ports/store.ts'

export function createDemandTable(): DemandStore {
  const rows = new Map<string, DemandRow>()
  return {
    async put(row) {
      rows.set(row.jobId, row)
    },
    async patch(jobId, patch) {
      const row = rows.get(jobId)
      if (row !== undefined) rows.set(jobId, { ...row, ...patch })
    },
    async remove(jobId) {
      rows.delete(jobId)
    },
    list: async () => [...rows.values()].sort((a, b) => a.createdAt - b.createdAt || (a.jobId < b.jobId ? -1 : 1)),
  }
}
