import type { Environment } from '../config/environment.ts'
import type { FleetTimings } from '../fleet/timings.ts'

/** Nothing is billed in an emulated account, so nothing has to settle: the same life cycle at a pace for people. */
export const SANDBOX_TIMINGS: Partial<FleetTimings> = {
  tickMs: 200,
  idleTickMs: 1_000,
  listMs: 200,
  steadyListMs: 2_000,
  sweepListMs: 2_000,
  warmPollMs: 100,
  steadyPollMs: 2_000,
  accrueMs: 2_000,
  settleMs: 5_000,
  youngMs: 2_000,
  absenceMs: 500,
  sightingMs: 2_000,
  firstDeleteRetryMs: 200,
}

/** An account on this machine is an emulated one. */
export function isEmulated({ RUNPOD_API_URL }: Pick<Environment, 'RUNPOD_API_URL'>): boolean {
  return new URL(RUNPOD_API_URL).hostname === '127.0.0.1'
}
