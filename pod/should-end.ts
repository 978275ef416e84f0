export type Phase = 'starting' | 'pulling' | 'loading' | 'probing' | 'ready' | 'failed' | 'ending'

/** All that decides whether a pod has outlived its need. Times in milliseconds since the epoch. */
export interface LifeState {
  readonly startedAt: number
  readonly deadlineAt: number
  readonly lastHeartbeatAt: number | null
  /** When the model was last asked, or became ready or failed. Null while it is still on its way. */
  readonly restingSince: number | null
  readonly inFlight: number
  readonly heartbeatMs: number
  readonly bootGraceMs: number
  readonly idleMs: number
}

export type EndReason = 'deadline' | 'never-claimed' | 'heartbeat-lost' | 'idle'

/**
 * The dead-man's switch. A pull or a load is not idleness (the server watches those), and a running request is
 * not either; but nothing outlives the deadline or the server's silence.
 */
export function shouldEnd(state: LifeState, now: number): EndReason | null {
  if (now >= state.deadlineAt) return 'deadline'
  if (state.lastHeartbeatAt === null) {
    if (now - state.startedAt >= state.bootGraceMs) return 'never-claimed'
  } else if (now - state.lastHeartbeatAt >= state.heartbeatMs) {
    return 'heartbeat-lost'
  }
  const isResting = state.restingSince !== null && state.inFlight === 0
  if (isResting && now - state.restingSince >= state.idleMs) return 'idle'
  return null
}
