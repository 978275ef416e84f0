import type { FleetTimings } from '../fleet/timings.ts'
import { startRunpod } from '../sandbox/runpod/start.ts'

/** Nothing is billed here, so nothing has to settle: the same life cycle at a pace for people. */
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

export interface SandboxEngine {
  /** Points the product at the emulated account. */
  readonly variables: Readonly<Record<string, string>>
  readonly fleet: { readonly timings: Partial<FleetTimings> }
  stop(): Promise<void>
}

/** An emulated RunPod account on this machine: pods are local processes with the real guard and a labelled stand-in for a model. */
export async function startSandboxEngine(): Promise<SandboxEngine> {
  const runpod = await startRunpod({ podRuntime: 'process' })
  return {
    variables: {
      RUNPOD_API_URL: runpod.url,
      RUNPOD_PROXY_URL: runpod.proxyUrl,
      RUNPOD_API_KEY: runpod.apiKey,
    },
    fleet: { timings: SANDBOX_TIMINGS },
    stop: () => runpod.stop(),
  }
}
