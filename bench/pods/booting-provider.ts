import type { Clock, Random } from '../../ports/clock.ts'
import { ModelError } from '../../ports/errors.ts'
import { podId } from '../../ports/ids.ts'
import { microUsdFromUsd } from '../../ports/money.ts'
import type { GuardClient, GuardStatus, PodProvider, PodSpec, ProviderPod } from '../../ports/pods.ts'

/** Half of all pods serve within this time from the request for them; the rest as a log-normal distribution has it. */
const MEDIAN_BOOT_MS = 60_000
const SPREAD = 0.35
/** Parts of a boot until the machine runs, and until the guard answers. */
const RUNS_AFTER = 0.2
const ANSWERS_AFTER = 0.35
const RATE = microUsdFromUsd(0.69)

interface BootingPod {
  readonly spec: PodSpec
  readonly shown: Omit<ProviderPod, 'status' | 'gpuCount'>
  readonly bootMs: number
  endedAt: number | null
}

/** An account without faults and without limits, whose pods take their time: what is slower than they are is the fleet's own. */
export class BootingProvider implements PodProvider, GuardClient {
  readonly pods: BootingPod[] = []
  readonly #clock: Clock
  readonly #random: Random

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** From the request to the first answer of the model, of every pod that was asked for. */
  get bootTimesMs(): readonly number[] {
    return this.pods.map(({ bootMs }) => bootMs)
  }

  async create(spec: PodSpec, signal: AbortSignal): Promise<ProviderPod> {
    const askedAt = this.#clock.now()
    await this.#clock.sleep(300 + this.#random.fraction() * 500, signal)
    const pod: BootingPod = {
      spec,
      shown: {
        id: podId.parse(`pod${this.pods.length + 1}`),
        name: spec.name,
        gpu: spec.candidate.gpu,
        cloud: spec.candidate.cloud,
        microUsdPerHour: RATE,
        createdAt: askedAt,
      },
      bootMs: MEDIAN_BOOT_MS * Math.exp(SPREAD * this.#normal()),
      endedAt: null,
    }
    this.pods.push(pod)
    return this.#show(pod)
  }

  async list(signal: AbortSignal): Promise<readonly ProviderPod[]> {
    await this.#clock.sleep(150 + this.#random.fraction() * 150, signal)
    return this.pods.filter(({ endedAt }) => endedAt === null).map((pod) => this.#show(pod))
  }

  async terminate(id: string, signal: AbortSignal): Promise<'accepted' | 'absent'> {
    await this.#clock.sleep(150, signal)
    const pod = this.pods.find(({ shown, endedAt }) => shown.id === id && endedAt === null)
    if (pod === undefined) return 'absent'
    pod.endedAt = this.#clock.now()
    return 'accepted'
  }

  addressOf(id: string): string {
    return `booting:${id}`
  }

  async status({ url }: { readonly url: string }, signal: AbortSignal): Promise<GuardStatus> {
    await this.#clock.sleep(40 + this.#random.fraction() * 40, signal)
    const pod = this.#at(url)
    if (this.#ageOf(pod) < pod.bootMs * ANSWERS_AFTER) throw notReady()
    return {
      phase: this.#ageOf(pod) < pod.bootMs ? 'pulling' : 'ready',
      model: pod.spec.env.GUARD_MODEL ?? null,
      modelDigest: 'sha256:bench',
      progress: null,
      inFlight: 0,
      lastUseAt: null,
      deadlineAt: Number(pod.spec.env.GUARD_DEADLINE),
      error: null,
    }
  }

  async heartbeat(_address: { readonly url: string }, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(40, signal)
  }

  #at(url: string): BootingPod {
    const pod = this.pods.find(({ shown, endedAt }) => this.addressOf(shown.id) === url && endedAt === null)
    if (pod === undefined) throw notReady()
    return pod
  }

  #ageOf({ shown }: BootingPod): number {
    return this.#clock.now() - shown.createdAt
  }

  #show(pod: BootingPod): ProviderPod {
    const isRunning = this.#ageOf(pod) >= pod.bootMs * RUNS_AFTER
    return { ...pod.shown, status: isRunning ? 'RUNNING' : 'PROVISIONING', gpuCount: isRunning ? 1 : 0 }
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random.fraction())) * Math.cos(2 * Math.PI * this.#random.fraction())
  }
}

function notReady(): ModelError {
  return new ModelError({
    code: 'not-ready',
    message: 'The guard does not answer yet.',
    remedy: 'Wait.',
    owner: 'retry',
  })
}
