import type { Clock } from '../ollama/clock.ts'
import { FaultScript } from '../ollama/fault-script.ts'
import type { EmulatedPod } from './emulated-pod.ts'
import { type Chaos, calm, type RunpodFault } from './faults.ts'
import { defaultOffers, type GpuOffer } from './offers.ts'
import type { PodRuntime } from './pod-runtime.ts'
import { seeded } from './seeded.ts'
import { type BootTimes, defaultBoot, type RunpodOptions } from './settings.ts'

export interface NetworkVolume {
  readonly id: string
  name: string
  size: number
  readonly dataCenter: string
  readonly type: 'STANDARD' | 'HIGH_PERFORMANCE'
}

/** One request as the API received it. */
export interface RecordedCall {
  readonly at: number
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly key: 'account' | 'pod' | 'none'
  readonly body: unknown
  /** The fault that struck, if one did. */
  readonly fault: string | undefined
  /** 0 until, or unless, an answer was sent. */
  status: number
}

/** Everything the emulated account holds. */
export interface Account {
  readonly options: RunpodOptions
  readonly clock: Clock
  readonly random: () => number
  readonly boot: BootTimes
  chaos: Chaos
  readonly faults: FaultScript<RunpodFault>
  readonly apiKey: string
  readonly offers: readonly GpuOffer[]
  /** All pods that ever were, ended ones included: the bill knows them. */
  readonly pods: Map<string, EmulatedPod>
  readonly volumes: Map<string, NetworkVolume>
  /** Model tags that pods have left on each volume, by its id. */
  readonly stores: Map<string, Set<string>>
  readonly calls: RecordedCall[]
  readonly balanceMicroUsd: number
  readonly runtime: PodRuntime
}

export function openAccount(options: RunpodOptions, clock: Clock, runtime: PodRuntime): Account {
  const random = seeded(options.seed ?? 1)
  const prices = options.prices ?? {}
  return {
    options,
    clock,
    random,
    boot: { ...defaultBoot, ...options.boot },
    chaos: { ...calm, ...options.chaos },
    faults: new FaultScript(options.faults),
    apiKey: options.apiKey ?? `rpa_SANDBOX${token(random, 24)}`,
    offers: (options.gpus ?? defaultOffers).map((offer) => ({
      ...offer,
      secureMicroUsd: microUsd(prices[offer.id]?.secure) ?? offer.secureMicroUsd,
      communityMicroUsd: microUsd(prices[offer.id]?.community) ?? offer.communityMicroUsd,
    })),
    pods: new Map(),
    volumes: new Map(),
    stores: new Map(),
    calls: [],
    balanceMicroUsd: Math.round((options.balanceUsd ?? 25) * 1e6),
    runtime,
  }
}

export function spentMicroUsd(account: Account): number {
  const now = account.clock.now()
  return [...account.pods.values()].reduce((sum, pod) => sum + pod.meter.costMicroUsd(now), 0)
}

export function token(random: () => number, length: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
  return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('')
}

function microUsd(usd: number | undefined): number | undefined {
  return usd === undefined ? undefined : Math.round(usd * 1e6)
}
