import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { FleetPolicy } from '../fleet/policy.ts'
import { FLEET_TIMINGS, type FleetTimings } from '../fleet/timings.ts'
import { modelSettings } from '../review/models.ts'
import { PUBLIC_API } from './runpod.ts'

/** Ollama, Node and the guard in one image; released together with this version. */
const POD_IMAGE = 'ghcr.io/devloop/pod:0.1'
const GUARD_PORT = 8_080
/** The Ollama of our own image, without a guard. */
const STOCK_IMAGE = 'ollama/ollama:0.34.0'
const OLLAMA_PORT = 11_434

export interface FleetPolicyWish {
  readonly installId: string
  /** Where the pods are rented; a guard must ask the same account to be removed. */
  readonly apiUrl: string
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
      image: fleet.unguarded ? STOCK_IMAGE : POD_IMAGE,
      diskGb: 60,
      httpPort: fleet.unguarded ? OLLAMA_PORT : GUARD_PORT,
      networkVolume: null,
      minCudaVersion: '12.4',
    },
    allowUnguarded: fleet.unguarded,
    podEnv: {
      OLLAMA_KV_CACHE_TYPE: 'q8_0',
      OLLAMA_FLASH_ATTENTION: '1',
      ...(wish.apiUrl === PUBLIC_API ? {} : { RUNPOD_API_URL: wish.apiUrl }),
      ...wish.podEnv,
    },
    timings: { ...FLEET_TIMINGS, ...wish.timings },
  }
}
