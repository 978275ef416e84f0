import type { MicroUsd } from '../ports/money.ts'
import type { Cloud, PodSpec } from '../ports/pods.ts'
import type { FleetTimings } from './timings.ts'

export interface IdlePolicy {
  readonly kind: 'immediate' | 'fixed' | 'adaptive'
  /** No pod stays idle longer. */
  readonly maxMs: number
  /** The part of all spend that may go to idle time, 0 to 1. */
  readonly spendTarget: number
}

/** What the fleet may do: from `devloop.yml`, the environment, and the kind of process. */
export interface FleetPolicy {
  /** Part of every pod's name; what bears another is foreign. */
  readonly installId: string
  readonly gpus: readonly string[]
  readonly cloud: readonly Cloud[]
  readonly dataCenterIds: readonly string[]
  readonly maxMicroUsdPerHour: MicroUsd
  readonly maxPods: number
  /** Calls side by side on one pod (`OLLAMA_NUM_PARALLEL`). */
  readonly parallel: number
  /** Jobs of one repository that may run while others wait. */
  readonly perRepositoryJobs: number
  readonly idle: IdlePolicy
  readonly perDayMicroUsd: MicroUsd
  readonly perMonthMicroUsd: MicroUsd
  /** Pods per hour that may be created and never serve. */
  readonly maxCreatesPerHour: number
  /** Failed boots after which the jobs that wait for a model are told. */
  readonly maxBoots: number
  readonly pod: Pick<PodSpec, 'image' | 'diskGb' | 'httpPort' | 'networkVolume' | 'minCudaVersion'>
  /** Whether an image without our guard may be rented: nothing inside such a pod ends it. */
  readonly allowUnguarded: boolean
  /** Settings for the guard beyond token, deadline and model. */
  readonly podEnv: Readonly<Record<string, string>>
  readonly timings: FleetTimings
}
