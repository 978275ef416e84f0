import type { Lease, LeaseStore } from '../../ports/store.ts'

export interface LeaseTable extends LeaseStore {
  /** The newest fence that was handed out; 0 when the lease was never taken. */
  fenceOf(name: string): number
}

export function createLeaseTable(): LeaseTable {
  const leases = new Map<string, Lease>()
  return {
    async acquire(name, holder, ttlMs, now) {
      const held = leases.get(name)
      const expired = held === undefined || held.expiresAt <= now || held.expiresAt > now + 2 * ttlMs
      if (!expired && held.holder !== holder) return undefined
      const fence = expired ? (held?.fence ?? 0) + 1 : held.fence
      const lease = { name, holder, fence, expiresAt: now + ttlMs }
      leases.set(name, lease)
      return lease
    },
    async release(name, holder) {
      const held = leases.get(name)
      if (held?.holder === holder) leases.set(name, { ...held, expiresAt: 0 })
    },
    fenceOf: (name) => leases.get(name)?.fence ?? 0,
  }
}
