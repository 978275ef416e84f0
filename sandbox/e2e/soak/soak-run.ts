import { generateKeyPairSync } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import { createKey } from '../../../app/controller/keys.ts'
import { defaultConfig } from '../../../config/resolved-config.ts'
import type { FleetPolicy } from '../../../fleet/policy.ts'
import { readEnvironment } from '../../../parts/read-environment.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import { type Log, silentLog } from '../../../ports/log.ts'
import { microUsdFromUsd } from '../../../ports/money.ts'
import { CHAOS_FAULTS } from '../chaos/virtual-faults.ts'
import { MemoryJournal } from '../chaos/memory-journal.ts'
import { VIRTUAL_POLICY } from '../chaos/virtual-policy.ts'
import { VirtualRunpod } from '../chaos/virtual-runpod.ts'
import { Forge, WEBHOOK_SECRET } from './forge.ts'
import { SoakClock } from './soak-clock.ts'
import { Office, type Verdicts } from './soak-office.ts'
import { SoakServer, type SoakWorld } from './soak-server.ts'
import { SoakWeather } from './soak-weather.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
export interface SoakOrder {
  readonly seed: number
  /** How many looks, and how far apart: a week of days at three in the morning, or some hours of one day. */
  readonly looks: number
  readonly everyMs: number
  readonly startsAt: number
  readonly firstLookMs: number
  /** Pull requests opened in an hour of a working day. */
  readonly perHour: number
  /** How long people wait for an answer after a pull request is closed. */
  readonly judgedAfterMs: number
  /** How long the product keeps what has ended. */
  readonly keptMs: number
  /** A product made worse on purpose, to show that the judgement finds it. */
  readonly broken?: 'keeps-everything'
  /** One long outage of GitHub instead of bad weather and deaths. */
  readonly outage?: { readonly afterMs: number; readonly forMs: number }
  readonly log?: Log
  readonly onLook?: (look: SoakLook) => void
}

export interface SoakLook {
  readonly at: string
  readonly pullRequests: number
  readonly heapMb: number
  /** Jobs, verdicts and deliveries: what is dropped after a while. */
  readonly rows: number
  /** Of those, the ones that should have been dropped by now. */
  readonly overdue: number
  /** Pods, costs and small facts: what stays. */
  readonly lasting: number
  readonly handles: number
}

export interface SoakResult extends Verdicts {
  readonly seed: number
  readonly days: number
  readonly wallSeconds: number
  readonly jobs: number
  readonly jobsByOutcome: Readonly<Record<string, number>>
  readonly jobsOpen: number
  readonly deliveries: Readonly<Record<string, number>>
  readonly kills: number
  readonly restarts: number
  readonly spells: Readonly<Record<string, number>>
  readonly githubCalls: number
  readonly lostWebhooks: number
  readonly redelivered: number
  readonly redeliveredOutOfOrder: number
  readonly mostCallsPerMinute: number
  /** Refused by GitHub's secondary limits: what the product's own budget must prevent. */
  readonly tooManyCalls: number
  /** From the end of the outage until nothing of it was left to do; 0 without one. */
  readonly caughtUpMs: number
  readonly podsRented: number
  readonly podsAtEnd: number
  readonly maxPods: number
  readonly ledgerUsd: number
  readonly billedUsd: number
  readonly looks: readonly SoakLook[]
}

/** Some days of the real server in virtual time, over vendors that misbehave, with processes that die. */
export async function runSoak(order: SoakOrder): Promise<SoakResult> {
  return new SoakRun(order).toEnd()
}

class SoakRun {
  readonly #order: SoakOrder
  readonly #startedAt = performance.now()
  readonly #clock: SoakClock
  readonly #world: SoakWorld
  readonly #weather: SoakWeather
  readonly #forge: Forge
  readonly #runpod: VirtualRunpod
  readonly #office: Office
  readonly #looks: SoakLook[] = []
  readonly #collect: () => void = collector()
  #server: SoakServer | undefined
  #kills = 0
  #caughtUpMs = 0
  #restarts = 0
  #failed: { readonly error: unknown } | undefined

  constructor(order: SoakOrder) {
    this.#order = order
    const clock = new SoakClock(order.startsAt)
    this.#clock = clock
    const random = createSeededRandom(order.seed)
    this.#weather = new SoakWeather(clock, createSeededRandom(order.seed + 1))
    this.#forge = new Forge(clock, random, this.#weather)
    for (let index = 0; index < REPOSITORIES; index++)
      this.#forge.addRepository(`acme/shop-${index}`, POLICIES[index % POLICIES.length] ?? null)
    this.#runpod = new VirtualRunpod(clock, random, () => ({
      ...FAULTS,
      noCapacity: this.#weather.is('no-gpu') ? 1 : 0.1,
    }))
    const guarded = (work: Promise<unknown>) => this.#guarded(work)
    const { perHour, judgedAfterMs } = order
    this.#office = new Office({ clock, random, forge: this.#forge, perHour, judgedAfterMs, guarded })
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
    this.#world = {
      clock,
      random,
      weather: this.#weather,
      store: createMemoryStore({ clock }),
      journal: new MemoryJournal(),
      forge: this.#forge,
      runpod: this.#runpod,
      environment: {
        ...readEnvironment({ APP_ID: '1', PRIVATE_KEY: pem, WEBHOOK_SECRET }, '/nowhere'),
        DEVLOOP_KEEP_DAYS: order.broken === 'keeps-everything' ? 3_650 : order.keptMs / DAY,
      },
      config: defaultConfig(),
      policy: POLICY,
      privateKey: pem,
      log: order.log ?? silentLog,
      guarded,
    }
  }

  async toEnd(): Promise<SoakResult> {
    const { looks, everyMs, startsAt, firstLookMs } = this.#order
    const endsAt = startsAt + looks * everyMs
    await this.#boot()
    void this.#guarded(this.#office.open(endsAt))
    if (this.#order.outage !== undefined) void this.#guarded(this.#endure(this.#order.outage))
    else {
      void this.#guarded(this.#weather.change(endsAt))
      void this.#guarded(this.#deaths(endsAt))
    }
    void this.#guarded(this.#askTheController(endsAt))
    for (let look = 0; look < looks; look++) {
      await this.#run(startsAt + firstLookMs + look * everyMs - this.#clock.now())
      await this.#look()
    }
    for (let hour = 0; hour < 48 && this.#office.underWay > 0; hour++) await this.#run(HOUR)
    await this.#run(2 * HOUR)
    const result = await this.#result()
    await Promise.all([this.#server?.stop(), this.#run(MINUTE)])
    return result
  }

  async #look(): Promise<void> {
    const seen: SoakLook = {
      at: new Date(this.#clock.now()).toISOString(),
      pullRequests: this.#office.seen.pullRequests,
      heapMb: this.#heapMb(),
      ...(await this.#rows()),
      handles: process.getActiveResourcesInfo().length,
    }
    this.#looks.push(seen)
    this.#order.onLook?.(seen)
  }

  async #run(ms: number): Promise<void> {
    const until = this.#clock.now() + ms
    while (this.#clock.now() < until) {
      await this.#clock.runUntil(Math.min(until, this.#clock.now() + MINUTE))
      if (this.#failed !== undefined) throw this.#failed.error
    }
  }

  async #boot(): Promise<void> {
    const server = new SoakServer(this.#world)
    this.#server = server
    const started = server.start()
    let isUp = false
    started.then(
      () => {
        isUp = true
      },
      () => {
        isUp = true
      },
    )
    while (!isUp && this.#restarts === 0 && this.#kills === 0) await this.#clock.runUntil(this.#clock.now() + SECOND)
    await started
    this.#forge.listener = async (request) => (await server.webhook?.(request)) ?? { status: 502 }
  }

  /** GitHub is away: it answers nothing and delivers nothing, while people go on. */
  async #endure({ afterMs, forMs }: { readonly afterMs: number; readonly forMs: number }): Promise<void> {
    await this.#clock.sleep(afterMs)
    this.#weather.force('github-down')
    await this.#clock.sleep(forMs)
    this.#weather.force('fine')
    const backAt = this.#clock.now()
    this.#forge.counts.mostCallsPerMinute = 0
    const { store } = this.#world
    for (let isLeft = true; isLeft; ) {
      await this.#clock.sleep(MINUTE)
      const { undone } = await store.deliveries.countByFate()
      isLeft = undone > 0 || this.#forge.attempts().length > 0 || (await store.jobs.listOpen(1)).length > 0
    }
    this.#caughtUpMs = this.#clock.now() - backAt
  }

  /** Killed about once a day at the worst moment, and deployed anew now and then. */
  async #deaths(endsAt: number): Promise<void> {
    while (this.#clock.now() < endsAt) {
      await this.#clock.sleep(this.#weather.between(4 * HOUR, 18 * HOUR))
      if (this.#clock.now() >= endsAt) return
      this.#forge.listener = undefined
      if (this.#weather.hits(0.6)) {
        this.#kills += 1
        this.#server?.kill()
      } else {
        this.#restarts += 1
        await this.#server?.stop()
      }
      await this.#clock.sleep(this.#weather.between(2 * SECOND, 2 * MINUTE))
      await this.#boot()
    }
  }

  /** An agent that asks over HTTP, and a dashboard that looks. */
  async #askTheController(endsAt: number): Promise<void> {
    const {
      store: { keys },
      clock,
      random,
    } = this.#world
    const wish = { name: 'agent', scopes: ['infer', 'read'], models: null, monthlyMicroUsd: null } as const
    const { key } = await createKey(wish, { keys, clock, random })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'respond-async' }
    while (this.#clock.now() < endsAt) {
      await this.#clock.sleep(this.#weather.between(5 * MINUTE, 55 * MINUTE))
      const body = JSON.stringify({ prompt: 'What is a B-tree?' })
      void this.#guarded(this.#server?.ask('/infer', { method: 'POST', headers, body }) ?? NOTHING)
      void this.#guarded(this.#server?.ask('/status', { headers }) ?? NOTHING)
    }
  }

  #heapMb(): number {
    this.#collect()
    this.#collect()
    return Math.round((process.memoryUsage().heapUsed / 1024 ** 2) * 100) / 100
  }

  async #rows(): Promise<Pick<SoakLook, 'rows' | 'overdue' | 'lasting'>> {
    const { jobs, deliveries, governance, facts, pods, ledger } = this.#world.store
    const fates = await deliveries.countByFate()
    const [all, verdicts] = [await jobs.list({}, ALL), await governance.listVerdictHeads(undefined, ALL)]
    const dueAt = this.#clock.now() - this.#order.keptMs - PRUNED_WITHIN_MS
    const old = all.filter(({ endedAt }) => endedAt !== null && endedAt < dueAt).length
    const money = (await pods.listSince(0)).length + (await ledger.jobCosts(0)).length
    return {
      rows: all.length + verdicts.length + fates.undone + fates.handled + fates.ignored + fates.failed,
      overdue: old + verdicts.filter(({ createdAt }) => createdAt < dueAt).length,
      lasting: money + (await facts.listByPrefix('')).size,
    }
  }

  async #result(): Promise<SoakResult> {
    const { store } = this.#world
    const { calls, lostWebhooks, redelivered, outOfOrder, mostCallsPerMinute, tooMany } = this.#forge.counts
    return {
      ...this.#office.seen,
      seed: this.#order.seed,
      days: (this.#order.looks * this.#order.everyMs) / DAY,
      wallSeconds: Math.round((performance.now() - this.#startedAt) / 100) / 10,
      jobs: (await store.jobs.list({}, ALL)).length,
      jobsByOutcome: await store.jobs.countByOutcome(0),
      jobsOpen: (await store.jobs.listOpen(ALL)).length,
      deliveries: await store.deliveries.countByFate(),
      kills: this.#kills,
      restarts: this.#restarts,
      spells: this.#weather.spells,
      githubCalls: calls,
      lostWebhooks,
      redelivered,
      redeliveredOutOfOrder: outOfOrder,
      mostCallsPerMinute,
      tooManyCalls: tooMany,
      caughtUpMs: this.#caughtUpMs,
      podsRented: this.#runpod.creates,
      podsAtEnd: this.#runpod.live().length,
      maxPods: this.#runpod.maxLive,
      ledgerUsd: (await store.ledger.spent(0)) / 1e6,
      billedUsd: this.#runpod.billed() / 1e6,
      looks: this.#looks,
    }
  }

  async #guarded(work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      this.#failed ??= { error }
    }
  }
}

const REPOSITORIES = 24
/** Two rounds of the upkeep, and a restart. */
const PRUNED_WITHIN_MS = 25 * MINUTE
const ALL = 1_000_000
const NOTHING = Promise.resolve(undefined)
const STRICT = 'version: 1\ngovernance:\n  branches: {main: main, staging: null, feature: "topic/**"}\n'
const POLICIES = [null, STRICT, STRICT, `${STRICT}review:\n  auto: true\n`, null, STRICT]
const FAULTS = {
  ...CHAOS_FAULTS,
  createdButFailed: 0.05,
  createdButDropped: 0.05,
  listFails: 0.02,
  deleteFails: 0.05,
  diesPerMinute: 0.01,
}
const POLICY: FleetPolicy = {
  ...VIRTUAL_POLICY,
  perDayMicroUsd: microUsdFromUsd(1_000),
  perMonthMicroUsd: microUsdFromUsd(10_000),
  maxCreatesPerHour: 30,
  idle: { kind: 'adaptive', maxMs: 600_000, spendTarget: 0.1 },
}

function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
