import type { DemandRow, PodRow } from '../ports/store.ts'
import { Bills } from './bills.ts'
import { Deleter } from './deleter.ts'
import { planDispatch } from './dispatch.ts'
import { IdleLearner } from './idle-learner.ts'
import type { FleetParts } from './parts.ts'
import { PodDriver } from './pod-driver.ts'
import { PodEnder } from './pod-ender.ts'
import type { FleetPolicy } from './policy.ts'
import { rebuildLedger } from './rebuild-ledger.ts'
import { Rental } from './rental.ts'
import { Renter } from './renter.ts'
import { isStartDemand } from './requests.ts'
import { Spending } from './spending.ts'
import { Sweeper } from './sweeper.ts'
import type { Term } from './term.ts'
import { Watch } from './watch.ts'
import { readWorld, type World } from './world.ts'

/** Drives all pods during one term: each tick reads the world anew and acts on it, so nothing depends on what an earlier tick knew. */
export class Leader {
  readonly #parts: FleetParts
  readonly #policy: FleetPolicy
  readonly #term: Term
  readonly #watch: Watch
  readonly #renter: Renter
  readonly #rental: Rental
  readonly #sweeper: Sweeper
  readonly #driver: PodDriver
  readonly #learner: IdleLearner
  readonly #spending: Spending
  readonly #bills: Bills
  #tickedAt: number
  #trustedFrom = Number.NEGATIVE_INFINITY
  #isAtRest = false

  constructor(parts: FleetParts, policy: FleetPolicy, term: Term, ring: () => void) {
    const now = parts.clock.now()
    const { timings } = policy
    const watch = new Watch(parts, policy, term, ring)
    const deleter = new Deleter(parts, timings)
    const renter = new Renter(parts, policy, term)
    const learner = new IdleLearner(parts.store.facts, policy.idle, now)
    const spending = new Spending(parts, policy, term, now)
    const ender = new PodEnder(parts, timings, term, watch, deleter)
    this.#parts = parts
    this.#policy = policy
    this.#term = term
    this.#watch = watch
    this.#renter = renter
    this.#rental = new Rental(parts, term, watch, renter)
    this.#sweeper = new Sweeper(parts, policy, term, watch, deleter)
    this.#driver = new PodDriver(parts, policy, term, { watch, deleter, renter, ender, learner, spending })
    this.#learner = learner
    this.#spending = spending
    this.#bills = new Bills(parts, timings, term)
    this.#tickedAt = now
  }

  async begin(): Promise<void> {
    await this.#renter.load()
    await this.#learner.load()
    const rebuilt = await rebuildLedger(this.#parts, this.#term.fence)
    if (rebuilt > 0)
      this.#parts.log.info({ pods: rebuilt }, 'The ledger lacked pods that the journal knows; they were written again')
    this.#watch.lookAtList(0)
  }

  /** One pass; answers after how long the next is due if nothing rings before. */
  async tick(): Promise<number> {
    const world = await readWorld(this.#parts, this.#isAtRest)
    // Rows are made by this term alone, and only for a demand.
    this.#isAtRest = world.rows.length === 0 && !this.#rental.isRenting
    if (await this.#noticeJump(world)) return 0
    this.#look(world)
    this.#learner.learn(world)
    const { fifoAfterMs, idleTickMs } = this.#policy.timings
    const { perRepositoryJobs, maxPods } = this.#policy
    const plan = planDispatch({ ...world, pods: world.rows, fifoAfterMs, perRepositoryJobs, maxPods })
    let isChanged = false
    for (const row of world.rows) {
      if (!this.#term.isLeading()) return 0
      isChanged = (await this.#driver.drive(row, world, plan, this.#trustedFrom)) || isChanged
    }
    await this.#sweeper.sweep(world)
    if (await this.#spending.save(world)) await this.#learner.save()
    if (isChanged) {
      await this.#parts.store.notify('pods')
      return 0
    }
    if (await this.#rental.rent(world, plan, maxPods)) this.#isAtRest = false
    await this.#prune(world)
    if (this.#bills.isDue(world.now)) this.#watch.run(() => this.#bills.look())
    return world.rows.length > 0 || world.demands.length > 0 ? this.#paceOf(world) : idleTickMs
  }

  /** After the term: waits for calls under way, which its signal has aborted. */
  async end(): Promise<void> {
    await this.#watch.settled()
  }

  /**
   * A clock that was set, or a process that stood still, makes waits look over that were not: what silence was to prove is proved anew
   * from here.
   */
  async #noticeJump({ now, rows }: World): Promise<boolean> {
    const elapsedMs = now - this.#tickedAt
    this.#tickedAt = now
    if (elapsedMs >= 0 && elapsedMs <= this.#policy.timings.leaseMs) return false
    this.#parts.log.warn({ elapsedMs }, 'The clock jumped, or this process stood still')
    this.#trustedFrom = now
    this.#learner.startAnew(now)
    this.#watch.startAnew()
    for (const row of rows) {
      if (row.absentSince !== null)
        await this.#parts.store.pods.update(row.name, this.#term.fence, { absentSince: null })
    }
    return true
  }

  #paceOf(world: World): number {
    const { tickMs, warmPollMs } = this.#policy.timings
    const isWarming = world.rows.some((row) => isComingUp(row))
    const ends = world.rows
      .filter((row) => row.state === 'ready')
      .map((row) => this.#learner.keepUntil(row, world) - world.now)
    const soonest = Math.min(isWarming ? warmPollMs : tickMs, ...ends.filter((ms) => ms > 0))
    return Math.max(soonest, 1)
  }

  #look(world: World): void {
    const { listMs, steadyListMs, sweepListMs, warmPollMs, steadyPollMs } = this.#policy.timings
    const isMoving = world.rows.some((row) => row.state !== 'ready' && row.state !== 'busy' && row.state !== 'draining')
    const isWanted = world.rows.length === 0 && world.demands.length > 0 && this.#watch.list === null
    this.#watch.lookAtList(
      isMoving || isWanted || this.#sweeper.isSuspicious ? listMs : world.rows.length > 0 ? steadyListMs : sweepListMs,
    )
    for (const row of world.rows) {
      if (row.state === 'terminating' || row.state === 'lost') continue
      const { kind } = this.#watch.guardOf(row)
      const isUrgent = kind === 'unasked' || kind === 'silent' || isComingUp(row)
      this.#watch.lookAtGuard(row, isUrgent ? warmPollMs : steadyPollMs)
    }
  }

  /** Demands whose process is gone. */
  async #prune(world: World): Promise<void> {
    const { store } = this.#parts
    const isOver = (demand: DemandRow) =>
      demand.expiresAt + this.#policy.timings.holdMs < world.now || (demand.refused !== null && isStartDemand(demand))
    await Promise.all(world.demands.filter(isOver).map((demand) => store.demands.remove(demand.jobId)))
  }
}

function isComingUp(row: PodRow): boolean {
  return row.state === 'creating' || row.state === 'booting' || row.state === 'warming'
}
