import type { DeliveryId } from '../../ports/ids.ts'
import type { DeliveryStore, StoredDelivery } from '../../ports/store.ts'

type Fate = 'handled' | 'ignored' | 'failed'

export function createDeliveryTable(): DeliveryStore {
  const rows = new Map<DeliveryId, StoredDelivery & { fate: Fate | null }>()
  return {
    async addAll(deliveries) {
      const fresh = new Set<DeliveryId>()
      for (const delivery of deliveries) {
        if (rows.has(delivery.id)) continue
        rows.set(delivery.id, { ...delivery, fate: null })
        fresh.add(delivery.id)
      }
      return fresh
    },
    async find(id) {
      const row = rows.get(id)
      if (row === undefined) return undefined
      const { fate: _fate, ...delivery } = row
      return delivery
    },
    async markDone(ids, fate) {
      for (const id of ids) {
        const row = rows.get(id)
        if (row !== undefined) row.fate = fate
      }
    },
    async listUndone(olderThan, limit) {
      return [...rows.values()]
        .filter((row) => row.fate === null && row.receivedAt < olderThan)
        .sort((a, b) => a.receivedAt - b.receivedAt)
        .slice(0, limit)
        .map((row) => row.id)
    },
    async prune(before) {
      const old = [...rows.values()].filter((row) => row.fate !== null && row.receivedAt < before)
      for (const row of old) rows.delete(row.id)
      return old.length
    },
    async countByFate() {
      const counts = { undone: 0, handled: 0, ignored: 0, failed: 0 }
      for (const row of rows.values()) counts[row.fate ?? 'undone']++
      return counts
    },
  }
}
