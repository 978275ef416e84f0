import type { ApiKeyRow, KeyStore } from '../../ports/store.ts'
import { storeConflict } from '../../ports/store-errors.ts'

export function createKeyTable(): KeyStore {
  const rows = new Map<string, ApiKeyRow>()
  return {
    async add(row) {
      if (rows.has(row.id)) throw storeConflict(`Key ${row.id}`)
      rows.set(row.id, row)
    },
    findByHash: async (hash) => [...rows.values()].find((row) => row.hash === hash),
    list: async () => [...rows.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)),
    async revoke(id, at) {
      const row = rows.get(id)
      if (row === undefined || row.revokedAt !== null) return false
      rows.set(id, { ...row, revokedAt: at })
      return true
    },
    async touch(id, at) {
      const row = rows.get(id)
      if (row !== undefined) rows.set(id, { ...row, lastUsedAt: at })
    },
  }
}
