import type { Environment } from '../config/environment.ts'
import type { FleetTimings } from '../fleet/timings.ts'

/** Nothing is billed there and nothing has to settle: the same life cycle, faster. */
const QUICK: Partial<FleetTimings> = {
  tickMs: 200,
  idleTickMs: 1_000,
  listMs: 200,
  steadyListMs: 2_000,
  sweepListMs: 2_000,
  warmPollMs: 100,
  steadyPollMs: 2_000,
  heartbeatMs: 1_000,
  accrueMs: 1_000,
  settleMs: 5_000,
  usualBootMs: 1_000,
  youngMs: 2_000,
  absenceMs: 500,
  sightingMs: 2_000,
  firstDeleteRetryMs: 200,
}
const ABSENCE_MS = 10_000

/** An account on this machine is an emulated one; its guards may be told shorter times by `GUARD_*_MS`, and the wait for one by `FLEET_WAIT_MS`. */
export function fleetPaces(environment: Environment, env: Readonly<Record<string, string | undefined>>) {
  if (!isEmulated(environment)) return {}
  const waitMs = Number(env.FLEET_WAIT_MS)
  const guard = Object.entries(env).filter(([name]) => /^GUARD_[A-Z_]+_MS$/.test(name))
  const podEnv = Object.fromEntries(guard.map(([name, value]) => [name, value ?? '']))
  return { fleet: { timings: QUICK, podEnv }, ...(waitMs > 0 ? { waitMs } : {}) }
}

/** How far two lists must lie apart to prove that a pod is gone. */
export function absenceMsOf(environment: Environment): number {
  return isEmulated(environment) ? (QUICK.absenceMs ?? ABSENCE_MS) : ABSENCE_MS
}

function isEmulated({ RUNPOD_API_URL }: Environment): boolean {
  return new URL(RUNPOD_API_URL).hostname === '127.0.0.1'
}
