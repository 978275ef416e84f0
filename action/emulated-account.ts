import type { Environment } from '../config/environment.ts'
import type { FleetTimings } from '../fleet/timings.ts'
import { isEmulated, SANDBOX_TIMINGS } from '../parts/emulated-account.ts'

/** A run is shorter than a server's life: it looks after what it rents more often. */
const QUICK: Partial<FleetTimings> = { ...SANDBOX_TIMINGS, heartbeatMs: 1_000, accrueMs: 1_000, usualBootMs: 1_000 }
const ABSENCE_MS = 10_000

/** The guards of an emulated account may be told shorter times by `GUARD_*_MS`, and the wait for one by `FLEET_WAIT_MS`. */
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
