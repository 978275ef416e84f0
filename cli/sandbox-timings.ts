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
