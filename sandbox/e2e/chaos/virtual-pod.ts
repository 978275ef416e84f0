import type { GuardPhase, PodSpec, ProviderPodStatus } from '../../../ports/pods.ts'

export interface VirtualPod {
  readonly id: string
  readonly spec: PodSpec
  readonly createdAt: number
  readonly fate: 'normal' | 'stuck' | 'zero-gpu' | 'model-fails'
  readonly diesAt: number
  endedAt: number | null
  lastHeartbeatAt: number | null
}

export interface VirtualTimes {
  readonly provisionMs: number
  readonly startMs: number
  readonly modelMs: number
}

export const DEFAULT_TIMES: VirtualTimes = { provisionMs: 4_000, startMs: 8_000, modelMs: 15_000 }
const HEARTBEAT_LIMIT_MS = 15 * 60_000
const BOOT_GRACE_MS = 25 * 60_000

/** When it stopped costing: deleted, or removed by its own guard. */
export function endOf(pod: VirtualPod, times: VirtualTimes, now: number): number | null {
  if (pod.endedAt !== null) return pod.endedAt
  const guardUpAt = pod.createdAt + times.provisionMs + times.startMs
  const silentAt = pod.lastHeartbeatAt === null ? guardUpAt + BOOT_GRACE_MS : pod.lastHeartbeatAt + HEARTBEAT_LIMIT_MS
  const hasGuard = pod.fate === 'normal' || pod.fate === 'model-fails'
  const selfEndAt = Math.min(Number(pod.spec.env.GUARD_DEADLINE), silentAt)
  const diedBefore = pod.diesAt <= selfEndAt
  if (hasGuard && !diedBefore && now >= selfEndAt) pod.endedAt = selfEndAt
  return pod.endedAt
}

export function statusOf(pod: VirtualPod, times: VirtualTimes, now: number): ProviderPodStatus {
  const age = now - pod.createdAt
  if (endOf(pod, times, now) !== null) return 'TERMINATED'
  if (now >= pod.diesAt) return 'EXITED'
  if (pod.fate === 'stuck' || age < times.provisionMs) return 'PROVISIONING'
  return age < times.provisionMs + times.startMs / 2 ? 'STARTING' : 'RUNNING'
}

export function phaseOf(pod: VirtualPod, times: VirtualTimes, now: number): GuardPhase {
  const age = now - pod.createdAt
  const up = times.provisionMs + times.startMs
  if (age < up + times.modelMs / 2) return 'pulling'
  if (age < up + times.modelMs) return 'loading'
  return pod.fate === 'model-fails' ? 'failed' : 'ready'
}
