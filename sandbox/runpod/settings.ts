import type { Clock } from '../ollama/clock.ts'
import type { OllamaOptions } from '../ollama/settings.ts'
import type { Chaos, RunpodFault } from './faults.ts'
import type { GpuOffer } from './offers.ts'

/** How long each part of a start takes, in milliseconds. */
export interface BootTimes {
  readonly provisioningMs: number
  readonly startingMs: number
  /** From RUNNING to the container's start: the image still pulls while RUNNING is shown. */
  readonly imageMs: number
  /** Pause before an ended container is started again. */
  readonly restartMs: number
  /** What `slow-boot` adds. */
  readonly slowMs: number
}

export interface RunpodOptions {
  readonly port?: number
  readonly clock?: Clock
  readonly seed?: number
  readonly gpus?: readonly GpuOffer[]
  /** Prices in USD per hour, by GPU id, over those of the catalogue. */
  readonly prices?: Readonly<Record<string, { readonly secure?: number; readonly community?: number }>>
  /** GPU ids that answer 403: the account has no access to their pool. */
  readonly closedGpus?: readonly string[]
  readonly balanceUsd?: number
  readonly apiKey?: string
  /**
   * `process`: a pod is a group of local processes with the real guard; `light`: the same HTTP behaviour inside this
   * process; `none`: nothing ever answers behind the proxy.
   */
  readonly podRuntime?: 'process' | 'light' | 'none'
  readonly boot?: Partial<BootTimes>
  readonly faults?: readonly RunpodFault[]
  readonly chaos?: Partial<Chaos>
  readonly proxyTimeoutMs?: number
  readonly billingLagMs?: number
  /** What the key inside a pod may do to its own pod. Default `all`. */
  readonly scopedKey?: 'all' | 'stop' | 'none'
  readonly rateLimit?: { readonly perMinute: number; readonly perHour: number }
  /** Pods per list page when the client names no limit. */
  readonly pageSize?: number
  readonly graphql?: 'on' | 'gone'
  /** Judge every body by the vendor's document, where it is present. Default true. */
  readonly judge?: boolean
  /** How the Ollama in each pod is set up. */
  readonly ollama?: Pick<OllamaOptions, 'speed' | 'faults' | 'engineUrl' | 'models'>
}

export const defaultBoot: BootTimes = {
  provisioningMs: 120,
  startingMs: 120,
  imageMs: 0,
  restartMs: 500,
  slowMs: 60_000,
}
