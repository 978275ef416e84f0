import type { GpuUse } from './gpu.ts'
import type { GuardSettings } from './settings.ts'
import type { EndReason, LifeState, Phase } from './should-end.ts'

/** What the guard knows of itself; the server reads it as `GET /guard/status`. Times in milliseconds since the epoch. */
export interface GuardState {
  phase: Phase
  progress: { readonly completedBytes: number; readonly totalBytes: number } | null
  model: string | null
  modelDigest: string | null
  ollamaVersion: string | null
  gpu: GpuUse | null
  vram: { readonly sizeBytes: number; readonly sizeVramBytes: number } | null
  inFlight: number
  lastUseAt: number | null
  /** When the model became ready or failed. */
  settledAt: number | null
  readonly startedAt: number
  readonly deadlineAt: number
  lastHeartbeatAt: number | null
  endReason: EndReason | null
  error: string | null
}

export function initialState(settings: GuardSettings, now: number): GuardState {
  return {
    phase: 'starting',
    progress: null,
    model: settings.model,
    modelDigest: null,
    ollamaVersion: null,
    gpu: null,
    vram: null,
    inFlight: 0,
    lastUseAt: null,
    settledAt: null,
    startedAt: now,
    deadlineAt: settings.deadlineAt,
    lastHeartbeatAt: null,
    endReason: null,
    error: settings.problems[0] ?? null,
  }
}

export function lifeOf(state: GuardState, settings: GuardSettings): LifeState {
  const isWorking = state.phase === 'pulling' || state.phase === 'loading' || state.phase === 'probing'
  const since = Math.max(state.startedAt, state.settledAt ?? 0, state.lastUseAt ?? 0)
  return {
    startedAt: state.startedAt,
    deadlineAt: state.deadlineAt,
    lastHeartbeatAt: state.lastHeartbeatAt,
    restingSince: isWorking || state.settledAt === null ? null : since,
    inFlight: state.inFlight,
    heartbeatMs: settings.heartbeatMs,
    bootGraceMs: settings.bootGraceMs,
    idleMs: settings.idleMs,
  }
}
