import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { FleetPolicy } from '../fleet/policy.ts'
import { FLEET_TIMINGS, type FleetTimings } from '../fleet/timings.ts'
import { modelSettings } from '../review/models.ts'

/** Ollama, Node and the guard in one image; released together with this version. */
export const POD_IMAGE = 'ghcr.io/devloop/pod:0.1'
export const GUARD_PORT = 8_080

export interface FleetPolicyWish {
  readonly installId: string
  readonly image?: string
  readonly timings?: Partial<FleetTimings>
  /** For emulated pods: the paces of the guard. */
  readonly podEnv?: Readonly<Record<string, string>>
}

/** What `devloop.yml` says of renting, with the fleet's own constants. */
export function fleetPolicyOf(config: ResolvedConfig, wish: FleetPolicyWish): FleetPolicy {
  const { fleet, budget, review } = config
  const { parallel } = modelSettings(review.model)
  return {
    installId: wish.installId,
    gpus: fleet.gpus,
    cloud: fleet.cloud,
    dataCenterIds: [],
    maxMicroUsdPerHour: fleet.maxMicroUsdPerHour,
    maxPods: fleet.maxPods,
    parallel,
    perRepositoryJobs: 2,
    idle: { kind: fleet.idle.policy, maxMs: fleet.idle.maxMinutes * 60_000, spendTarget: fleet.idle.spendTarget },
    perDayMicroUsd: budget.perDayMicroUsd,
    perMonthMicroUsd: budget.perMonthMicroUsd,
    maxCreatesPerHour: 6,
    maxBoots: 3,
    pod: {
      image: wish.image ?? POD_IMAGE,
      diskGb: 60,
      httpPort: GUARD_PORT,
      networkVolume: null,
      minCudaVersion: '12.4',
    },
    allowUnguarded: false,
    podEnv: { OLLAMA_KV_CACHE_TYPE: 'q8_0', OLLAMA_FLASH_ATTENTION: '1', ...wish.podEnv },
    timings: { ...FLEET_TIMINGS, ...wish.timings },
  }
}
