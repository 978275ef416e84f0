import type { PodId, PodName } from './ids.ts'
import type { LoadOptions } from './model.ts'
import type { MicroUsd } from './money.ts'

export type Cloud = 'SECURE' | 'COMMUNITY'

/** One try: one GPU type in one cloud (REST v2 has no fall-back list). */
export interface Candidate {
  readonly gpu: string
  readonly cloud: Cloud
  readonly dataCenterIds: readonly string[]
}

export interface PodSpec {
  readonly name: PodName
  readonly candidate: Candidate
  readonly image: string
  /** Container disk in GB. */
  readonly diskGb: number
  readonly env: Readonly<Record<string, string>>
  /** The port of the guard, reached through the provider's HTTP proxy. */
  readonly httpPort: number
  readonly networkVolume: { readonly volumeId: string; readonly path: string } | null
  readonly minCudaVersion: string
}

export type ProviderPodStatus = 'PROVISIONING' | 'STARTING' | 'RUNNING' | 'EXITED' | 'ERROR' | 'TERMINATED' | 'UNKNOWN'

/** A pod as the provider shows it. Its `env` is dropped at the adapter: it comes back in clear text. */
export interface ProviderPod {
  readonly id: PodId
  /** Not unique, and any text: foreign pods have names of their own. */
  readonly name: string
  readonly status: ProviderPodStatus
  /** 0 while RUNNING is a restarted pod that found no free GPU. */
  readonly gpuCount: number
  readonly gpu: string | null
  readonly cloud: Cloud | null
  /** Per hour now; 0 when EXITED although disks still bill. */
  readonly microUsdPerHour: MicroUsd
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** The pods of one provider account. Every method throws `PodsError`. */
export interface PodProvider {
  /** POSTs once and never retries but for 429. An unclear end throws `unknown-outcome`. */
  create(spec: PodSpec, signal: AbortSignal): Promise<ProviderPod>
  /** All pages, or an error: a failed list means "know nothing, change nothing". */
  list(signal: AbortSignal): Promise<readonly ProviderPod[]>
  /**
   * Leaves once, so that the moment at which a pod was told to end is known: trying again is the caller's. `absent` (404) is no proof: a
   * fresh pod can be unknown for seconds. `unavailable` may have ended the pod all the same.
   */
  terminate(id: PodId, signal: AbortSignal): Promise<'accepted' | 'absent'>
  /** Where the guard of a pod answers. */
  addressOf(id: PodId, httpPort: number): string
}

export interface GpuOffer {
  readonly gpu: string
  readonly memoryGb: number
  readonly secureMicroUsdPerHour: MicroUsd | null
  readonly communityMicroUsdPerHour: MicroUsd | null
  readonly stock: 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH' | null
}

export interface BillingRecord {
  readonly podId: PodId
  readonly startTime: number
  readonly endTime: number
  readonly totalMicroUsd: MicroUsd
}

export interface BillingRange {
  readonly from: number
  readonly to: number
  readonly podId?: PodId
}

/** Prices, stock and bills. Throws `PodsError`. */
export interface PodMarket {
  offers(signal: AbortSignal): Promise<readonly GpuOffer[]>
  /** Buckets of an hour that touch the range, some time behind; of all pods of the account, or of the one that is named. */
  billing(range: BillingRange, signal: AbortSignal): Promise<readonly BillingRecord[]>
  /** Null when the only source (GraphQL) is switched off or gone. */
  balance(signal: AbortSignal): Promise<MicroUsd | null>
}

export type GuardPhase = 'starting' | 'pulling' | 'loading' | 'probing' | 'ready' | 'failed' | 'ending'

/** What the guard in a pod says of itself (`GET /guard/status`). */
export interface GuardStatus {
  readonly phase: GuardPhase
  readonly model: string | null
  readonly modelDigest: string | null
  readonly progress: { readonly completedBytes: number; readonly totalBytes: number } | null
  readonly inFlight: number
  readonly lastUseAt: number | null
  readonly deadlineAt: number
  readonly error: string | null
}

/** Talks to the guard of one pod. Throws `ModelError` (`not-ready` while the proxy answers 404, 502-504, 520-524). */
export interface GuardClient {
  /** `model` and `load`: what the pod was rented for. A guard knows them itself; where there is none, its part is played from here. */
  status(
    pod: { readonly url: string; readonly token: string; readonly model: string; readonly load: LoadOptions },
    signal: AbortSignal,
  ): Promise<GuardStatus>
  heartbeat(address: { readonly url: string; readonly token: string }, signal: AbortSignal): Promise<void>
}
