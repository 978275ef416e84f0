import type { Clock } from '../../ports/clock.ts'
import type { PodRow, SlotHold, SlotStore } from '../../ports/store.ts'

export function createSlotTable(pods: ReadonlyMap<string, PodRow>, clock: Clock): SlotStore {
  let holds: (SlotHold & { count: number })[] = []
  const unexpired = () => holds.filter((hold) => hold.expiresAt > clock.now())
  return {
    async take(hold, wanted, parallel) {
      const state = pods.get(hold.podName)?.state
      if (state !== 'ready' && state !== 'busy') return 0
      holds = unexpired()
      const used = holds.filter((other) => other.podName === hold.podName).reduce((sum, other) => sum + other.count, 0)
      const count = Math.max(0, Math.min(wanted, parallel - used))
      if (count === 0) return 0
      const own = holds.find((other) => other.jobId === hold.jobId && other.podName === hold.podName)
      if (own === undefined) holds.push({ ...hold, count })
      else own.count += count
      return count
    },
    async renew(jobId, expiresAt) {
      holds = holds.map((hold) => (hold.jobId === jobId ? { ...hold, expiresAt } : hold))
    },
    async release(jobId) {
      holds = holds.filter((hold) => hold.jobId !== jobId)
    },
    list: async () => unexpired(),
  }
}
