import type { ProviderPod } from '../ports/pods.ts'
import type { PodRow } from '../ports/store.ts'
import type { Observation } from './observation.ts'
import { inFlightOf } from './step-end.ts'

export function absencePatch(row: PodRow, { sighting }: Observation): Partial<PodRow> {
  if (sighting.kind === 'present') return row.absentSince === null ? {} : { absentSince: null }
  return sighting.kind === 'absent' && row.absentSince === null ? { absentSince: sighting.startedAt } : {}
}

export function progressPatch(row: PodRow, seen: Observation, now: number): Partial<PodRow> {
  const pod = seen.sighting.kind === 'present' ? seen.sighting.pod : undefined
  const rate = pod === undefined ? {} : rateOf(row, pod)
  switch (row.state) {
    case 'creating':
    case 'booting':
    case 'warming':
      return { ...rate, ...bootPatch(row, seen, pod, now) }
    case 'ready':
    case 'busy':
      return { ...rate, ...usePatch(row, seen, now) }
    default:
      return rate
  }
}

/** The guard's word counts more than the list's, which lags: a guard that answers runs in a running pod. */
function bootPatch(row: PodRow, { guard }: Observation, pod: ProviderPod | undefined, now: number): Partial<PodRow> {
  if (guard.kind === 'answered') {
    const running = row.runningAt === null ? { runningAt: now } : {}
    if (guard.status.phase === 'ready') {
      return { ...running, state: 'ready', readyAt: now, lastUseAt: now, modelDigest: guard.status.modelDigest }
    }
    return row.state === 'warming' ? running : { ...running, state: 'warming' }
  }
  if (pod?.status === 'RUNNING' && row.runningAt === null) return { state: 'booting', runningAt: now }
  return {}
}

function usePatch(row: PodRow, { guard, holds }: Observation, now: number): Partial<PodRow> {
  if (holds > 0 || inFlightOf(guard) > 0) return row.state === 'busy' ? {} : { state: 'busy', lastUseAt: now }
  if (row.state === 'busy') return { state: 'ready', lastUseAt: now }
  const usedAt = guard.kind === 'answered' ? (guard.status.lastUseAt ?? 0) : 0
  return usedAt > (row.lastUseAt ?? 0) && usedAt <= now ? { lastUseAt: usedAt } : {}
}

/** The bill is made with what the provider shows; 0 (an exited pod, or one not placed yet) is not a price. */
export function rateOf(row: PodRow, pod: ProviderPod): Partial<PodRow> {
  const isNews = pod.microUsdPerHour > 0 && pod.microUsdPerHour !== row.microUsdPerHour
  return isNews ? { microUsdPerHour: pod.microUsdPerHour } : {}
}

/** The bill begins with the pod, which a slow create makes seconds after the POST has left; never before the POST. */
export function birthOf(row: PodRow, pod: ProviderPod, now: number): Partial<PodRow> {
  const isPlausible = row.attemptedAt !== null && pod.createdAt > row.attemptedAt && pod.createdAt <= now
  return isPlausible ? { attemptedAt: pod.createdAt } : {}
}
