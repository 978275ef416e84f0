import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import { FleetEngines } from '../../../fleet/engines.ts'
import type { FleetParts } from '../../../fleet/parts.ts'
import type { FleetPolicy } from '../../../fleet/policy.ts'
import { reconcile } from '../../../fleet/reconcile.ts'
import type { Random } from '../../../ports/clock.ts'
import { createFakeClock, type FakeClock } from '../../../ports/fakes/fake-clock.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../../ports/log.ts'
import type { Settlement, Store } from '../../../ports/store.ts'
import { broken } from './broken.ts'
import type { Life } from './life.ts'
import { MemoryJournal } from './memory-journal.ts'
import { type NaiveMemory, runNaive } from './naive-fleet.ts'
import { VirtualJobs } from './virtual-jobs.ts'
import { VirtualLives } from './virtual-lives.ts'
import type { VirtualOrder, VirtualResult } from './virtual-order.ts'
import type { VirtualRunpod } from './virtual-runpod.ts'
import { NO_ENGINE, virtualPolicy, virtualProvider } from './virtual-world.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
/** Bills are made by the hour: every run goes over the end of one. */
const BEGIN = Date.UTC(2026, 10, 21, 11, 55)

/** One run in virtual time: replicas with the real fleet inside, a provider that misbehaves, and deaths at random or at one point. */
export async function runVirtual(order: VirtualOrder): Promise<VirtualResult> {
  const run = new VirtualRun(order)
  return run.toEnd()
}

class VirtualRun {
  readonly #order: VirtualOrder
  readonly #clock: FakeClock = createFakeClock(BEGIN)
  readonly #random: Random
  readonly #store: Store
  readonly #journal = new MemoryJournal()
  readonly #runpod: VirtualRunpod
  readonly #policy: FleetPolicy
  readonly #jobs: VirtualJobs
  readonly #lives: VirtualLives
  readonly #naive: NaiveMemory = { known: new Map() }
  readonly #reached: string[] = []
  #crashCount = 0
  #wasCrashed = false
  #starts = 0
  #unneededMs = 0
  #isOver = false
  #hasFailed: unknown

  constructor(order: VirtualOrder) {
    this.#order = order
    this.#random = createSeededRandom(order.seed)
    this.#store = createMemoryStore({ clock: this.#clock })
    this.#runpod = virtualProvider(this.#clock, this.#random, order)
    this.#policy = virtualPolicy(order)
    const guarded = (work: Promise<unknown>) => this.#guarded(work)
    this.#jobs = new VirtualJobs(this.#clock, this.#random, guarded)
    this.#lives = new VirtualLives({
      clock: this.#clock,
      random: this.#random,
      guarded,
      boot: () => this.#boot(),
      onMissed: (life) => this.#jobs.takeFrom(life),
    })
  }

  async toEnd(): Promise<VirtualResult> {
    const { minutes, replicas } = this.#order
    for (let index = 0; index < replicas; index += 1) this.#boot()
    const endsAt = this.#clock.now() + minutes * MINUTE
    void this.#guarded(this.#jobs.arrive(endsAt))
    if (this.#order.crashAt === undefined && this.#order.deaths !== false)
      void this.#guarded(this.#lives.strike(endsAt))
    if (this.#order.clockJumps === true) void this.#guarded(this.#lives.setClocks(endsAt))
    void this.#guarded(this.#measure())
    await this.#clock.runUntil(() => this.#hasFailed !== undefined || this.#clock.now() >= endsAt, HOUR * 4)
    await this.#comeToRest()
    this.#isOver = true
    if (this.#hasFailed !== undefined) throw this.#hasFailed
    return this.#result()
  }

  async #comeToRest(): Promise<void> {
    const isNaive = this.#order.fleet === 'naive'
    const isQuiet = () => this.#hasFailed !== undefined || (!this.#jobs.isAnyOpen && this.#runpod.live().length === 0)
    await this.#clock.runUntil(isQuiet, isNaive ? 10 * MINUTE : 4 * HOUR).catch(() => {})
    // What rises late must be seen and swept as well, and bills must have come.
    await this.#clock.advance(3 * MINUTE)
    if (isNaive) return
    await this.#clock.runUntil(() => this.#runpod.live().length === 0, HOUR).catch(() => {})
    for (let tries = 0; tries < 40 && (await this.#unbilled()).length > 0; tries += 1) await this.#clock.advance(MINUTE)
  }

  async #result(): Promise<VirtualResult> {
    const settlements = await this.#store.ledger.settlements(0)
    const ledger = await this.#store.ledger.spent(0)
    const byBills = settlements.reduce((sum, { clockMicroUsd, billMicroUsd }) => {
      return sum + (billMicroUsd === null ? 0 : billMicroUsd - clockMicroUsd)
    }, 0)
    return {
      kills: this.#lives.kills,
      stops: this.#lives.stops,
      clockJumps: this.#lives.clockJumps,
      creates: this.#runpod.creates,
      ambiguous: this.#runpod.ambiguous,
      liveAtEnd: this.#runpod.live().length,
      maxLive: this.#runpod.maxLive,
      unneededSeconds: Math.round(this.#unneededMs / SECOND),
      jobs: this.#jobs.count,
      done: this.#jobs.countOf((completions) => completions === 1),
      lost: this.#jobs.countOf((completions) => completions === 0),
      twice: this.#jobs.countOf((completions) => completions > 1),
      ledgerUsd: ledger / 1e6,
      clockUsd: (ledger - byBills) / 1e6,
      billedUsd: this.#runpod.billed() / 1e6,
      unbilled: (await this.#unbilled()).length,
      foreignTouched: 1 - this.#runpod.foreign.length,
      reached: this.#reached,
      wasCrashed: this.#wasCrashed,
    }
  }

  async #unbilled(): Promise<readonly Settlement[]> {
    const settlements = await this.#store.ledger.settlements(0)
    return settlements.filter(({ clockMicroUsd, billMicroUsd }) => billMicroUsd === null && clockMicroUsd > 0)
  }

  /** A new process: its own view of the world, through which it can be stopped or killed at any moment. */
  #boot(): void {
    const life = this.#lives.begin()
    this.#starts += 1
    const parts: FleetParts = {
      store: broken(life.gate(this.#store), this.#order.break ?? 'none'),
      provider: life.gate(this.#runpod),
      market: this.#order.break === 'unread-bills' ? null : life.gate(this.#runpod),
      guard: life.gate(this.#runpod),
      journal: life.gate(this.#journal),
      connect: () => NO_ENGINE,
      clock: this.#lives.clockOf(life),
      random: this.#random,
      log: silentLog,
      holder: `process-${this.#starts}`,
      holderPid: this.#starts,
      tokenSecret: 'chaos',
      checkpoint: (name) => this.#checkpoint(name, life),
    }
    if (this.#order.fleet === 'naive') return void this.#guarded(this.#naively(parts))
    void this.#guarded(reconcile(parts, this.#policy, new AbortController().signal))
    const engines = new FleetEngines(parts, this.#policy)
    const isServing = (url: string) => this.#runpod.isServing(url)
    void this.#guarded(this.#jobs.work({ clock: parts.clock, life, engines, isServing }))
  }

  async #naively({ provider, clock }: FleetParts): Promise<void> {
    const isServing = (url: string) => this.#runpod.isServing(url)
    void this.#guarded(this.#completeNaively())
    await runNaive({ provider, clock, memory: this.#naive, isNeeded: () => this.#jobs.isAnyOpen, isServing })
  }

  async #completeNaively(): Promise<void> {
    while (!this.#isOver) {
      await this.#clock.sleep(10 * SECOND)
      const isServed = [...this.#naive.known.keys()].some((id) => this.#runpod.isServing(this.#runpod.addressOf(id)))
      if (isServed) this.#jobs.completeAll()
    }
  }

  async #checkpoint(name: string, life: Life): Promise<void> {
    if (!this.#reached.includes(name)) this.#reached.push(name)
    const { crashAt } = this.#order
    if (crashAt === undefined || crashAt.name !== name || this.#wasCrashed) return
    this.#crashCount += 1
    if (this.#crashCount < crashAt.nth) return
    this.#wasCrashed = true
    this.#lives.die(life)
    await life.running()
  }

  async #measure(): Promise<void> {
    while (!this.#isOver) {
      await this.#clock.sleep(SECOND)
      if (!this.#jobs.isAnyOpen) this.#unneededMs += this.#runpod.live().length * SECOND
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
