import type { Clock, Random } from '../../../ports/clock.ts'
import { ModelError, PodsError, type PodsErrorCode } from '../../../ports/errors.ts'
import { podId } from '../../../ports/ids.ts'
import { type MicroUsd, microUsdFromUsd } from '../../../ports/money.ts'
import type {
  BillingRange,
  BillingRecord,
  GpuOffer,
  GuardClient,
  GuardStatus,
  PodMarket,
  PodProvider,
  PodSpec,
  ProviderPod,
} from '../../../ports/pods.ts'
import { recordsOf } from './virtual-bill.ts'
import { drawFate } from './draw-fate.ts'
import type { VirtualFaults } from './virtual-faults.ts'
import { DEFAULT_TIMES, endOf, phaseOf, statusOf, type VirtualPod, type VirtualTimes } from './virtual-pod.ts'

const RATE = microUsdFromUsd(0.69)

/**
 * RunPod and the guards in its pods as far as the fleet can tell, in virtual time: replies come late, get lost or lie as the faults say,
 * while the books (`billed`, `live`) always hold the truth. Built on the ports alone.
 */
export class VirtualRunpod implements PodProvider, PodMarket, GuardClient {
  readonly pods: VirtualPod[] = []
  readonly foreign: ProviderPod[] = []
  creates = 0
  ambiguous = 0
  maxLive = 0
  readonly #clock: Clock
  readonly #random: Random
  readonly #faults: () => VirtualFaults
  readonly #times: VirtualTimes

  constructor(clock: Clock, random: Random, faults: () => VirtualFaults, times: Partial<VirtualTimes> = {}) {
    this.#clock = clock
    this.#random = random
    this.#faults = faults
    this.#times = { ...DEFAULT_TIMES, ...times }
  }

  async create(spec: PodSpec, signal: AbortSignal): Promise<ProviderPod> {
    const faults = this.#faults()
    await this.#clock.sleep(this.#hits(faults.slowCreate) ? 20_000 : 300 + this.#random.fraction() * 500, signal)
    this.creates += 1
    if (this.#hits(faults.noCapacity)) throw refusal('no-capacity', 'no longer any instances available')
    const pod = this.#born(spec, faults)
    if (this.#hits(faults.createdButFailed)) {
      this.ambiguous += 1
      throw refusal('unknown-outcome', 'internal error')
    }
    if (this.#hits(faults.createdButDropped)) {
      this.ambiguous += 1
      await this.#clock.sleep(1_000, signal)
      throw refusal('unknown-outcome', 'socket hang up')
    }
    return this.#shown(pod)
  }

  async list(signal: AbortSignal): Promise<readonly ProviderPod[]> {
    const faults = this.#faults()
    // What is read is the state at the moment of reading, less the lag; the answer is older still when it arrives.
    const seenAt = this.#clock.now() - faults.listLagMs * this.#random.fraction()
    const answer = this.pods.filter(
      (pod) =>
        pod.createdAt <= seenAt && (endOf(pod, this.#times, this.#clock.now()) ?? Number.POSITIVE_INFINITY) > seenAt,
    )
    await this.#clock.sleep(80 + this.#random.fraction() * 200, signal)
    if (this.#hits(faults.listFails)) throw refusal('unavailable', 'list failed')
    return [...this.foreign, ...answer.map((pod) => this.#shown(pod))]
  }

  async terminate(id: string, signal: AbortSignal): Promise<'accepted' | 'absent'> {
    const faults = this.#faults()
    await this.#clock.sleep(100 + this.#random.fraction() * 200, signal)
    if (this.foreign.some((pod) => pod.id === id)) throw new Error('a foreign pod was told to end')
    const pod = this.pods.find((other) => other.id === id)
    if (pod === undefined || endOf(pod, this.#times, this.#clock.now()) !== null) return 'absent'
    if (this.#clock.now() - pod.createdAt < faults.youngMs) return 'absent'
    if (this.#hits(faults.deleteFails)) throw refusal('unavailable', 'delete failed')
    pod.endedAt = this.#clock.now()
    if (this.#hits(faults.deletedButFailed)) throw refusal('unavailable', 'delete failed after all')
    return 'accepted'
  }

  addressOf(id: string): string {
    return `virtual:${id}`
  }

  async status(address: { readonly url: string; readonly token: string }, signal: AbortSignal): Promise<GuardStatus> {
    await this.#clock.sleep(30 + this.#random.fraction() * 60, signal)
    const pod = this.#podAt(address)
    return {
      phase: phaseOf(pod, this.#times, this.#clock.now()),
      model: pod.spec.env.GUARD_MODEL ?? null,
      modelDigest: 'sha256:virtual',
      progress: null,
      inFlight: 0,
      lastUseAt: null,
      deadlineAt: Number(pod.spec.env.GUARD_DEADLINE),
      error: pod.fate === 'model-fails' ? 'the canary was not answered' : null,
    }
  }

  async heartbeat(address: { readonly url: string; readonly token: string }, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(30, signal)
    this.#podAt(address).lastHeartbeatAt = this.#clock.now()
  }

  /** Whether a call to the model in this pod would be answered now. */
  isServing(url: string): boolean {
    const pod = this.pods.find((other) => this.addressOf(other.id) === url)
    return (
      pod !== undefined &&
      statusOf(pod, this.#times, this.#clock.now()) === 'RUNNING' &&
      phaseOf(pod, this.#times, this.#clock.now()) === 'ready'
    )
  }

  live(): readonly VirtualPod[] {
    return this.pods.filter((pod) => endOf(pod, this.#times, this.#clock.now()) === null)
  }

  /** In micro-dollars: each pod from its making to its end; one that has exited costs nothing from then on. */
  billed(): number {
    return this.pods.reduce((sum, pod) => sum + this.#costOf(pod, this.#clock.now()), 0)
  }

  async offers(signal: AbortSignal): Promise<readonly GpuOffer[]> {
    await this.#clock.sleep(50, signal)
    return []
  }

  /** Buckets of an hour, behind by `billLagMs`; the hour that runs is there and grows. */
  async billing(range: BillingRange, signal: AbortSignal): Promise<readonly BillingRecord[]> {
    await this.#clock.sleep(100 + this.#random.fraction() * 200, signal)
    const known = this.#clock.now() - this.#faults().billLagMs
    return this.pods.flatMap((pod) =>
      range.podId === undefined || range.podId === pod.id
        ? recordsOf(pod, (until) => this.#costOf(pod, until), range, known)
        : [],
    )
  }

  async balance(): Promise<MicroUsd | null> {
    return null
  }

  #costOf(pod: VirtualPod, until: number): number {
    const endAt = Math.min(endOf(pod, this.#times, this.#clock.now()) ?? until, pod.diesAt, until)
    return (Math.max(0, endAt - pod.createdAt) * RATE) / 3_600_000
  }

  #born(spec: PodSpec, faults: VirtualFaults): VirtualPod {
    const now = this.#clock.now()
    const pod: VirtualPod = {
      id: `pod${this.pods.length + 1}`,
      spec,
      createdAt: now,
      ...drawFate(faults, this.#random, now),
      endedAt: null,
      lastHeartbeatAt: null,
    }
    this.pods.push(pod)
    this.maxLive = Math.max(this.maxLive, this.live().length)
    return pod
  }

  #podAt({ url, token }: { readonly url: string; readonly token: string }): VirtualPod {
    const pod = this.pods.find((other) => this.addressOf(other.id) === url)
    const age = pod === undefined ? 0 : this.#clock.now() - pod.createdAt
    const isUp = age >= this.#times.provisionMs + this.#times.startMs
    if (
      pod === undefined ||
      !isUp ||
      statusOf(pod, this.#times, this.#clock.now()) !== 'RUNNING' ||
      pod.fate === 'zero-gpu'
    ) {
      throw new ModelError({ code: 'not-ready', owner: 'retry', message: 'The proxy answered 502.', remedy: 'Wait.' })
    }
    if (pod.spec.env.GUARD_TOKEN !== token) {
      throw new ModelError({ code: 'unauthorized', owner: 'operator', message: 'Wrong token.', remedy: 'None.' })
    }
    return pod
  }

  #shown(pod: VirtualPod): ProviderPod {
    const status = statusOf(pod, this.#times, this.#clock.now())
    return {
      id: podId.parse(pod.id),
      name: pod.spec.name,
      status,
      gpuCount: pod.fate === 'zero-gpu' && status === 'RUNNING' ? 0 : 1,
      gpu: pod.spec.candidate.gpu,
      cloud: pod.spec.candidate.cloud,
      microUsdPerHour: status === 'EXITED' ? microUsdFromUsd(0) : RATE,
      createdAt: pod.createdAt,
    }
  }

  #hits(chance: number): boolean {
    return chance > 0 && this.#random.fraction() < chance
  }
}

function refusal(code: PodsErrorCode, message: string): PodsError {
  return new PodsError({ code, owner: 'retry', message, remedy: 'None: this is a simulation.' })
}
