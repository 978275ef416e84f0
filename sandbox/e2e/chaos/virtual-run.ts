import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import { FleetEngines } from '../../../fleet/engines.ts'
import type { FleetParts } from '../../../fleet/parts.ts'
import type { FleetPolicy } from '../../../fleet/policy.ts'
import { reconcile } from '../../../fleet/reconcile.ts'
import type { Clock, Random } from '../../../ports/clock.ts'
import { createFakeClock, type FakeClock } from '../../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../../ports/log.ts'
import type { ModelEngine } from '../../../ports/model.ts'
import { microUsdFromUsd } from '../../../ports/money.ts'
import type { Store } from '../../../ports/store.ts'
import { Life } from './life.ts'
import { MemoryJournal } from './memory-journal.ts'
import { CHAOS_FAULTS, NO_FAULTS, type VirtualFaults } from './virtual-faults.ts'
import { type NaiveMemory, runNaive } from './naive-fleet.ts'
import { VIRTUAL_POLICY } from './virtual-policy.ts'
import { VirtualRunpod } from './virtual-runpod.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000

export interface VirtualOrder {
  readonly seed: number
  readonly replicas: number
  /** `naive`: the usual way instead of ours, to show that the harness can find leaks. */
  readonly fleet?: 'devloop' | 'naive'
  /** How long jobs keep coming and processes keep dying. */
  readonly minutes: number
  readonly faults?: Partial<VirtualFaults>
  readonly policy?: Partial<FleetPolicy>
  /** False: nothing dies or stands still. */
  readonly deaths?: boolean
  /** Sets the clock of the machine on which all processes run forward and back; the provider's goes on. */
  readonly clockJumps?: boolean
  /** Kills whoever first reaches this checkpoint for the n-th time, and nobody else. */
  readonly crashAt?: { readonly name: string; readonly nth: number }
}

export interface VirtualResult {
  readonly kills: number
  readonly stops: number
  readonly clockJumps: number
  readonly creates: number
  readonly ambiguous: number
  readonly liveAtEnd: number
  readonly maxLive: number
  /** Seconds of pods that ran while no job was open. */
  readonly unneededSeconds: number
  readonly jobs: number
  readonly done: number
  readonly lost: number
  readonly twice: number
  readonly ledgerUsd: number
  readonly billedUsd: number
  readonly foreignTouched: number
  /** Checkpoints in the order in which they were first reached. */
  readonly reached: readonly string[]
  readonly wasCrashed: boolean
}

interface Job {
  readonly id: string
  readonly workMs: number
  fence: number
  worker: { readonly life: Life } | null
  completions: number
}

/** One run in virtual time: replicas with the real fleet inside, a provider that misbehaves, and deaths at random or at one point. */
export async function runVirtual(order: VirtualOrder): Promise<VirtualResult> {
  const run = new VirtualRun(order)
  return run.toEnd()
}

class VirtualRun {
  readonly #order: VirtualOrder
  readonly #clock: FakeClock = createFakeClock()
  readonly #random: Random
  readonly #store: Store
  readonly #journal = new MemoryJournal()
  readonly #runpod: VirtualRunpod
  readonly #policy: FleetPolicy
  readonly #jobs = new Map<string, Job>()
  readonly #lives: Life[] = []
  readonly #naive: NaiveMemory = { known: new Map() }
  readonly #reached: string[] = []
  #offsetMs = 0
  #clockJumps = 0
  #crashCount = 0
  #wasCrashed = false
  #kills = 0
  #stops = 0
  #starts = 0
  #unneededMs = 0
  #isOver = false
  #hasFailed: unknown

  constructor(order: VirtualOrder) {
    this.#order = order
    this.#random = createSeededRandom(order.seed)
    this.#store = createMemoryStore({ clock: this.#clock })
    const faults: VirtualFaults = { ...(order.crashAt === undefined ? CHAOS_FAULTS : NO_FAULTS), ...order.faults }
    this.#runpod = new VirtualRunpod(this.#clock, this.#random, () => faults)
    this.#runpod.foreign.push({
      id: 'foreign1' as never,
      name: 'somebody-elses-training',
      status: 'RUNNING',
      gpuCount: 1,
      gpu: null,
      cloud: null,
      microUsdPerHour: microUsdFromUsd(2),
      createdAt: this.#clock.now() - HOUR,
    })
    this.#policy = {
      ...VIRTUAL_POLICY,
      maxCreatesPerHour: 1_000,
      timings: {
        ...VIRTUAL_POLICY.timings,
        bootCoolDownMs: 20 * SECOND,
        capacityCoolDownMs: 10 * SECOND,
        provisionMs: MINUTE,
      },
      ...order.policy,
    }
  }

  /** What the machine's clock shows; waiting takes as long as it takes. */
  #clockOf(life: Life): Clock {
    const clock = life.gate(this.#clock)
    return { now: () => clock.now() + this.#offsetMs, sleep: (ms, signal) => clock.sleep(ms, signal) }
  }

  async #jumps(endsAt: number): Promise<void> {
    while (this.#clock.now() < endsAt) {
      await this.#clock.sleep((20 + this.#random.fraction() * 100) * SECOND)
      this.#clockJumps += 1
      this.#offsetMs = (this.#random.fraction() * 10 - 5) * MINUTE
    }
    this.#offsetMs = 0
  }

  async toEnd(): Promise<VirtualResult> {
    const { minutes, replicas } = this.#order
    for (let index = 0; index < replicas; index += 1) this.#boot()
    const endsAt = this.#clock.now() + minutes * MINUTE
    void this.#guarded(this.#arrivals(endsAt))
    if (this.#order.crashAt === undefined && this.#order.deaths !== false) void this.#guarded(this.#deaths(endsAt))
    if (this.#order.clockJumps === true) void this.#guarded(this.#jumps(endsAt))
    void this.#guarded(this.#measure())
    await this.#clock.runUntil(() => this.#hasFailed !== undefined || this.#clock.now() >= endsAt, HOUR * 4)
    const patienceMs = this.#order.fleet === 'naive' ? 10 * MINUTE : 4 * HOUR
    await this.#clock.runUntil(() => this.#hasFailed !== undefined || this.#isQuiet(), patienceMs).catch(() => {})
    // What rises late must be seen and swept as well.
    await this.#clock.advance(3 * MINUTE)
    if (this.#order.fleet !== 'naive')
      await this.#clock.runUntil(() => this.#runpod.live().length === 0, HOUR).catch(() => {})
    await this.#clock.advance(MINUTE)
    this.#isOver = true
    if (this.#hasFailed !== undefined) throw this.#hasFailed
    const jobs = [...this.#jobs.values()]
    return {
      kills: this.#kills,
      stops: this.#stops,
      clockJumps: this.#clockJumps,
      creates: this.#runpod.creates,
      ambiguous: this.#runpod.ambiguous,
      liveAtEnd: this.#runpod.live().length,
      maxLive: this.#runpod.maxLive,
      unneededSeconds: Math.round(this.#unneededMs / SECOND),
      jobs: jobs.length,
      done: jobs.filter((job) => job.completions === 1).length,
      lost: jobs.filter((job) => job.completions === 0).length,
      twice: jobs.filter((job) => job.completions > 1).length,
      ledgerUsd: (await this.#store.ledger.spent(0)) / 1e6,
      billedUsd: this.#runpod.billed() / 1e6,
      foreignTouched: 1 - this.#runpod.foreign.length,
      reached: this.#reached,
      wasCrashed: this.#wasCrashed,
    }
  }

  #isQuiet(): boolean {
    return [...this.#jobs.values()].every((job) => job.completions > 0) && this.#runpod.live().length === 0
  }

  /** A new process: its own view of the world, through which it can be stopped or killed at any moment. */
  #boot(): void {
    const life = new Life()
    this.#starts += 1
    this.#lives.push(life)
    const holder = `process-${this.#starts}`
    const parts: FleetParts = {
      store: life.gate(this.#store),
      provider: life.gate(this.#runpod),
      market: null,
      guard: life.gate(this.#runpod),
      journal: life.gate(this.#journal),
      connect: () => NO_ENGINE,
      clock: this.#clockOf(life),
      random: this.#random,
      log: silentLog,
      holder,
      holderPid: this.#starts,
      tokenSecret: 'chaos',
      checkpoint: (name) => this.#checkpoint(name, life),
    }
    if (this.#order.fleet === 'naive') return void this.#guarded(this.#naively(parts))
    void this.#guarded(reconcile(parts, this.#policy, new AbortController().signal))
    void this.#guarded(this.#work(parts, life))
  }

  async #naively({ provider, clock }: FleetParts): Promise<void> {
    const isServing = (url: string) => this.#runpod.isServing(url)
    const isNeeded = () => [...this.#jobs.values()].some((job) => job.completions === 0)
    void this.#guarded(this.#finishJobs())
    await runNaive({ provider, clock, memory: this.#naive, isNeeded, isServing })
  }

  /** Jobs of the naive variant end when any pod it knows of serves: it is judged by its pods alone. */
  async #finishJobs(): Promise<void> {
    while (!this.#isOver) {
      await this.#clock.sleep(10 * SECOND)
      const isServed = [...this.#naive.known.keys()].some((id) => this.#runpod.isServing(this.#runpod.addressOf(id)))
      if (isServed) for (const job of this.#jobs.values()) job.completions = 1
    }
  }

  async #checkpoint(name: string, life: Life): Promise<void> {
    if (!this.#reached.includes(name)) this.#reached.push(name)
    const { crashAt } = this.#order
    if (crashAt === undefined || crashAt.name !== name || this.#wasCrashed) return
    this.#crashCount += 1
    if (this.#crashCount < crashAt.nth) return
    this.#wasCrashed = true
    this.#die(life)
    await life.running()
  }

  #die(life: Life): void {
    this.#kills += 1
    life.kill()
    this.#lives.splice(this.#lives.indexOf(life), 1)
    // The supervisor starts it again; a queue delivers its jobs elsewhere once its heartbeat is missed.
    void this.#guarded(this.#clock.sleep(3 * SECOND).then(() => this.#boot()))
    void this.#guarded(
      this.#clock.sleep(10 * SECOND).then(() => {
        for (const job of this.#jobs.values()) if (job.worker?.life === life) job.worker = null
      }),
    )
  }

  async #deaths(endsAt: number): Promise<void> {
    while (this.#clock.now() < endsAt) {
      await this.#clock.sleep((5 + this.#random.fraction() * 60) * SECOND)
      const life = this.#lives[Math.floor(this.#random.fraction() * this.#lives.length)]
      if (life === undefined) continue
      if (this.#random.fraction() < 0.5) this.#die(life)
      else void this.#guarded(this.#stopFor(life, (2 + this.#random.fraction() * 30) * SECOND))
    }
  }

  async #stopFor(life: Life, ms: number): Promise<void> {
    this.#stops += 1
    life.freeze()
    // A worker that misses its heartbeat loses its job to another, as with any queue.
    if (ms > 15 * SECOND) {
      await this.#clock.sleep(15 * SECOND)
      for (const job of this.#jobs.values()) if (job.worker?.life === life) job.worker = null
      await this.#clock.sleep(ms - 15 * SECOND)
    } else await this.#clock.sleep(ms)
    life.thaw()
  }

  async #arrivals(endsAt: number): Promise<void> {
    while (this.#clock.now() < endsAt) {
      const id = `job-${this.#jobs.size + 1}`
      const workMs = (5 + this.#random.fraction() * 40) * SECOND
      this.#jobs.set(id, { id, workMs, fence: 0, worker: null, completions: 0 })
      await this.#clock.sleep(this.#random.fraction() < 0.5 ? 10 * SECOND : this.#random.fraction() * 4 * MINUTE)
    }
  }

  async #measure(): Promise<void> {
    while (!this.#isOver) {
      await this.#clock.sleep(SECOND)
      const isNeeded = [...this.#jobs.values()].some((job) => job.completions === 0)
      if (!isNeeded) this.#unneededMs += this.#runpod.live().length * SECOND
    }
  }

  async #work(parts: FleetParts, life: Life): Promise<void> {
    const engines = new FleetEngines(parts, this.#policy)
    for (;;) {
      await parts.clock.sleep(200)
      const job = [...this.#jobs.values()].find((other) => other.worker === null && other.completions === 0)
      const isBusy = [...this.#jobs.values()].some((other) => other.worker?.life === life)
      if (job === undefined || isBusy || life.isDead || life.isFrozen) continue
      job.fence += 1
      job.worker = { life }
      void this.#guarded(this.#attempt(parts, engines, job, job.fence, job.worker))
    }
  }

  async #attempt(
    parts: FleetParts,
    engines: FleetEngines,
    job: Job,
    fence: number,
    worker: Job['worker'],
  ): Promise<void> {
    const { clock } = parts
    try {
      const lease = await engines.acquire(
        {
          jobId: job.id,
          repository: null,
          user: null,
          model: 'qwen3-coder:30b',
          load: { contextTokens: 16_384 },
          slotsWanted: 1,
          deadlineAt: clock.now() + 30 * MINUTE,
          maxCostMicroUsd: microUsdFromUsd(5),
        },
        new AbortController().signal,
      )
      try {
        const until = clock.now() + job.workMs
        while (clock.now() < until) {
          if (lease.lost.aborted) throw lease.lost.reason
          if (!this.#runpod.isServing(lease.address.url)) throw new Error('the connection broke')
          await clock.sleep(SECOND)
        }
        // The fence is what a write to GitHub is checked against.
        if (job.fence === fence) job.completions += 1
      } finally {
        await lease.release()
      }
    } catch {
      await clock.sleep(SECOND)
    } finally {
      if (job.worker === worker) job.worker = null
    }
  }

  /** A bug of the fleet or of this harness must not pass as a quiet process. */
  async #guarded(work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      this.#hasFailed ??= error
    }
  }
}

const unused = () => Promise.reject(new Error('no model is asked here'))
const NO_ENGINE: ModelEngine = { chat: unused, embed: unused, listModels: unused, showModel: unused, version: unused }
