import { costOf } from '../ports/money.ts'
import type { DemandRow, Json, PodRow } from '../ports/store.ts'
import { checkBilling } from './billing-check.ts'
import { capsAt } from './budget.ts'
import { Deleter } from './deleter.ts'
import { type DispatchPlan, planDispatch } from './dispatch.ts'
import { contextOf, type IdleMemory, keepIdleMs, NO_IDLE_MEMORY, recordGap, recordTime } from './idle.ts'
import { spendOf, strayCost } from './ledger.ts'
import type { FleetParts } from './parts.ts'
import { parsePodName } from './pod-name.ts'
import type { FleetPolicy } from './policy.ts'
import { modelRefusal, type Refusal } from './refusal.ts'
import { rebuildLedger } from './rebuild-ledger.ts'
import { type RentOutcome, Renter } from './renter.ts'
import { findStopRequest, hasHint, isStartDemand, type StopRequest } from './requests.ts'
import { type FleetAction, NEVER_APPEARED, type Observation, OVER_BUDGET, type Sighting, step } from './step.ts'
import { type SweepMemory, sweep } from './sweep.ts'
import { countSweep } from './sweep-count.ts'
import type { Term } from './term.ts'
import { type PodList, Watch } from './watch.ts'

const IDLE_KEY = 'fleet/idle'
/** How often it is asked whether the day's bill is due. */
const BILLS_MS = 3_600_000
const BOOT_FAILED_PREFIX = 'boot failed: '

interface World {
  readonly now: number
  readonly rows: readonly PodRow[]
  readonly demands: readonly DemandRow[]
  readonly holds: Awaited<ReturnType<FleetParts['store']['slots']['list']>>
  readonly stop: StopRequest | undefined
  readonly isHinted: boolean
}

/** Drives all pods during one term: each tick reads the world anew and acts on it, so nothing depends on what an earlier tick knew. */
export class Leader {
  readonly #parts: FleetParts
  readonly #policy: FleetPolicy
  readonly #term: Term
  readonly #watch: Watch
  readonly #deleter: Deleter
  readonly #renter: Renter
  readonly #unwantedSince = new Map<string, number>()
  readonly #endedWork = new Map<string, number>()
  #sweepMemory: SweepMemory = new Map()
  #sweptList: PodList | null = null
  #idle: IdleMemory = NO_IDLE_MEMORY
  #accountedAt: number
  #savedAt: number
  #tickedAt: number
  #trustedFrom = Number.NEGATIVE_INFINITY
  #isRenting = false
  #isAtRest = false
  #rentAt = 0
  #billsAt = Number.NEGATIVE_INFINITY
  #isOverBudget = false

  constructor(parts: FleetParts, policy: FleetPolicy, term: Term, ring: () => void) {
    this.#parts = parts
    this.#policy = policy
    this.#term = term
    this.#watch = new Watch(parts, policy, term, ring)
    this.#deleter = new Deleter(parts, policy.timings)
    this.#renter = new Renter(parts, policy, term)
    this.#accountedAt = parts.clock.now()
    this.#savedAt = this.#accountedAt
    this.#tickedAt = this.#accountedAt
  }

  async begin(): Promise<void> {
    await this.#renter.load()
    const stored = await this.#parts.store.facts.get(IDLE_KEY)
    if (typeof stored === 'object' && stored !== null && 'gaps' in stored) this.#idle = stored as unknown as IdleMemory
    const rebuilt = await rebuildLedger(this.#parts, this.#term.fence)
    if (rebuilt > 0)
      this.#parts.log.info({ pods: rebuilt }, 'The ledger lacked pods that the journal knows; they were written again')
    this.#watch.lookAtList(0)
  }

  /** One pass; answers after how long the next is due if nothing rings before. */
  async tick(): Promise<number> {
    const world = await this.#read()
    if (await this.#noticeJump(world)) return 0
    this.#account(world)
    this.#look(world)
    this.#learn(world)
    const plan = this.#plan(world)
    let isChanged = false
    for (const row of world.rows) {
      if (!this.#term.isLeading()) return 0
      isChanged = (await this.#drive(row, world, plan)) || isChanged
    }
    await this.#sweep(world)
    await this.#save(world)
    if (isChanged) {
      await this.#parts.store.notify('pods')
      return 0
    }
    await this.#rent(world, plan)
    await this.#prune(world)
    this.#lookAtBills(world)
    return world.rows.length > 0 || world.demands.length > 0 ? this.#paceOf(world) : this.#policy.timings.idleTickMs
  }

  /** After the term: waits for calls under way, which its signal has aborted. */
  async end(): Promise<void> {
    await this.#watch.settled()
  }

  async #read(): Promise<World> {
    const { store, clock } = this.#parts
    const demands = await store.demands.list()
    // Rows are made by this term alone, and only for a demand: at rest there is nothing to read again every second.
    const rows = this.#isAtRest && demands.length === 0 ? [] : await store.pods.listLive()
    this.#isAtRest = rows.length === 0 && !this.#isRenting
    const isAnything = rows.length > 0 || demands.length > 0
    const holds = rows.length > 0 ? await store.slots.list() : []
    const stop = isAnything ? await findStopRequest(store.facts) : undefined
    const now = clock.now()
    const isHinted = rows.some((row) => row.state === 'ready') ? await hasHint(store.facts, now) : false
    return { now, rows, demands, holds: holds.filter((hold) => hold.expiresAt > now), stop, isHinted }
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
    this.#accountedAt = now
    this.#watch.forgetList()
    for (const row of rows) {
      if (row.absentSince !== null)
        await this.#parts.store.pods.update(row.name, this.#term.fence, { absentSince: null })
    }
    return true
  }

  /** That a create has made nothing is believed of lists that were all read since the clock can be trusted. */
  #sightingOf(row: PodRow): Sighting {
    const sighting = this.#watch.sightingOf(row)
    const isTooEarly =
      row.state === 'intent' &&
      sighting.kind === 'absent' &&
      sighting.startedAt < this.#trustedFrom + this.#policy.timings.settleMs
    return isTooEarly ? { kind: 'unknown' } : sighting
  }

  #paceOf(world: World): number {
    const { tickMs, warmPollMs } = this.#policy.timings
    const isWarming = world.rows.some((row) => isComingUp(row))
    const ends = world.rows.filter((row) => row.state === 'ready').map((row) => this.#keepUntil(row, world) - world.now)
    const soonest = Math.min(isWarming ? warmPollMs : tickMs, ...ends.filter((ms) => ms > 0))
    return Math.max(soonest, 1)
  }

  #look(world: World): void {
    const { listMs, steadyListMs, sweepListMs, warmPollMs, steadyPollMs } = this.#policy.timings
    const isMoving = world.rows.some((row) => row.state !== 'ready' && row.state !== 'busy' && row.state !== 'draining')
    const isWanted = world.rows.length === 0 && world.demands.length > 0 && this.#watch.list === null
    this.#watch.lookAtList(
      isMoving || isWanted || this.#sweepMemory.size > 0 ? listMs : world.rows.length > 0 ? steadyListMs : sweepListMs,
    )
    for (const row of world.rows) {
      if (row.state === 'terminating' || row.state === 'lost') continue
      const isFresh = this.#watch.guardOf(row).kind === 'unasked'
      this.#watch.lookAtGuard(
        row,
        isFresh || isComingUp(row) || this.#watch.guardOf(row).kind === 'silent' ? warmPollMs : steadyPollMs,
      )
    }
  }

  #plan(world: World): DispatchPlan {
    const { fifoAfterMs } = this.#policy.timings
    const { perRepositoryJobs, maxPods } = this.#policy
    return planDispatch({
      pods: world.rows,
      demands: world.demands,
      holds: world.holds,
      now: world.now,
      fifoAfterMs,
      perRepositoryJobs,
      maxPods,
    })
  }

  async #drive(row: PodRow, world: World, plan: DispatchPlan): Promise<boolean> {
    const { store, checkpoint } = this.#parts
    // Its create is under way right here; the renter alone knows what has left.
    if (row.state === 'intent' && this.#renter.sending === row.name) return false
    const result = step(row, this.#observe(row, world, plan), world.now, this.#policy.timings)
    const isMove = result.patch.state !== undefined && result.patch.state !== row.state
    for (const action of result.actions) if (action.kind === 'settle') await this.#settle(row, action)
    if (isMove && result.patch.endReason === NEVER_APPEARED) await this.#journalAbsence(row)
    if (Object.keys(result.patch).length > 0) {
      if (isMove) await checkpoint?.(`step:before-${result.patch.state}`)
      await store.pods.update(row.name, this.#term.fence, withMark(result.patch, result.actions))
      if (isMove) await checkpoint?.(`step:after-${result.patch.state}`)
    }
    for (const action of result.actions) await this.#act({ ...row, ...result.patch }, action)
    if (isMove)
      this.#parts.log.info(
        { pod: row.name, from: row.state, to: result.patch.state, reason: result.patch.endReason },
        'A pod moved on',
      )
    if (row.providerId !== null || isMove) this.#renter.results.delete(row.name)
    return isMove
  }

  #observe(row: PodRow, world: World, plan: DispatchPlan): Observation {
    const created = row.state === 'intent' ? this.#renter.results.get(row.name) : undefined
    const sighting =
      created?.kind === 'created'
        ? { kind: 'present' as const, startedAt: world.now, pod: created.pod }
        : this.#sightingOf(row)
    const { stop } = world
    return {
      sighting,
      refusal: created?.kind === 'refused' ? created.code : null,
      guard: this.#watch.guardOf(row),
      isDeleteAnswered: row.providerId !== null && this.#deleter.isAnswered(row.providerId),
      holds: world.holds.filter((hold) => hold.podName === row.name).length,
      unwantedSince: this.#wantedness(row, world),
      keepUntil: this.#keepUntil(row, world),
      makeRoom: plan.makeRoom.has(row.name),
      endRequest: this.#isOverBudget
        ? { reason: OVER_BUDGET, force: true }
        : stop !== undefined && row.intentAt <= stop.at
          ? { reason: stop.reason, force: stop.force }
          : null,
      maxMicroUsdPerHour: this.#policy.maxMicroUsdPerHour,
    }
  }

  #wantedness(row: PodRow, { demands, now }: World): number | null {
    const isWanted = demands.some(
      (demand) => demand.model === row.model && demand.expiresAt > now && demand.refused === null,
    )
    if (isWanted) {
      this.#unwantedSince.delete(row.name)
      return null
    }
    const since = this.#unwantedSince.get(row.name) ?? now
    this.#unwantedSince.set(row.name, since)
    return since
  }

  #keepUntil(row: PodRow, { isHinted }: World): number {
    const idleSince = row.lastUseAt ?? row.readyAt ?? row.intentAt
    return idleSince + keepIdleMs(this.#idle, this.#policy.idle, contextOf(this.#idle, isHinted))
  }

  async #act(row: PodRow, action: FleetAction): Promise<void> {
    switch (action.kind) {
      case 'settle':
        return
      case 'boot-failed':
        await this.#renter.bootFailed(row)
        return this.#tellOfBoot(row, action.reason)
      case 'delete':
        return this.#delete(row, action)
    }
  }

  /** The end is dated before the DELETE leaves: who takes over after a crash still knows since when the pod may be gone. */
  #delete(row: PodRow, { providerId, isFresh }: Extract<FleetAction, { kind: 'delete' }>): void {
    const { store, clock } = this.#parts
    if (isFresh) this.#deleter.forget(providerId)
    if (!this.#deleter.isDue(providerId)) return
    this.#watch.run(async () => {
      if (isFresh) await store.pods.update(row.name, this.#term.fence, { deletedAt: clock.now(), absentSince: null })
      const at = await this.#deleter.send(providerId, this.#term.signal)
      if (at !== undefined) await store.pods.update(row.name, this.#term.fence, { deletedAt: at })
    })
  }

  /** Ledger and journal first, the row last: a crash in between writes the same settlement again. */
  async #settle(row: PodRow, action: Extract<FleetAction, { kind: 'settle' }>): Promise<void> {
    const { store, journal, clock, checkpoint } = this.#parts
    const at = clock.now()
    await checkpoint?.('settle:before')
    await store.ledger.write({ podName: row.name, kind: 'settle', microUsd: action.microUsd, at }, this.#term.fence)
    await journal
      .append({ kind: 'settle', at, podName: row.name, microUsd: action.microUsd, reason: action.reason })
      .catch((error: unknown) => {
        // Of what was never sent the journal need not tell the end: a disk without room must not keep its row alive.
        if (row.attemptedAt !== null) throw error
      })
    await checkpoint?.('settle:after')
  }

  /** The ledger stays open for a late riser, but a rebuilt one must not take the create for a pod. */
  async #journalAbsence(row: PodRow): Promise<void> {
    const { journal, clock } = this.#parts
    await journal.append({
      kind: 'settle',
      at: clock.now(),
      podName: row.name,
      microUsd: costOf(row.microUsdPerHour, 0),
      reason: NEVER_APPEARED,
    })
  }

  /** A model that no pod will serve is told at once; a bad pod only after several in a row. */
  async #tellOfBoot(row: PodRow, reason: string): Promise<void> {
    const { store, clock } = this.#parts
    const now = clock.now()
    const waiting = (await store.demands.list()).filter(
      (demand) => demand.model === row.model && demand.refused === null,
    )
    const oldest = Math.min(now, ...waiting.map((demand) => demand.createdAt))
    const failed = (await store.pods.listSince(oldest)).filter(
      (other) => other.model === row.model && other.endReason?.startsWith(BOOT_FAILED_PREFIX) === true,
    )
    const refusal =
      modelRefusal(row.model, reason) ??
      (failed.length >= this.#policy.maxBoots
        ? {
            code: 'not-ready',
            message: `${failed.length} pods in a row did not come up; the last one: ${reason}.`,
            remedy: 'Try again later, or choose another GPU.',
          }
        : undefined)
    if (refusal !== undefined) await this.#refuse(waiting, refusal)
  }

  async #sweep(world: World): Promise<void> {
    const { list } = this.#watch
    if (list === null || list === this.#sweptList) return
    this.#sweptList = list
    const { store } = this.#parts
    const rows = new Map(world.rows.map((row) => [row.name as string, row]))
    for (const pod of list.pods) {
      if (rows.has(pod.name) || parsePodName(pod.name)?.installId !== this.#policy.installId) continue
      const row = await store.pods.find(pod.name)
      if (row !== undefined) rows.set(pod.name, row)
    }
    const { installId, timings } = this.#policy
    const result = sweep({
      pods: list.pods,
      listedAt: list.startedAt,
      rows,
      memory: this.#sweepMemory,
      installId,
      now: world.now,
      sightingMs: timings.sightingMs,
    })
    this.#sweepMemory = result.memory
    for (const pod of result.reap) {
      if (!this.#deleter.isDue(pod.id)) continue
      this.#watch.run(async () => {
        // Written first: of a DELETE whose answer is lost nothing is seen but an empty list.
        await this.#chargeStray(pod, this.#parts.clock.now(), 'accrue')
        await this.#parts.checkpoint?.('sweep:before-delete')
        const at = await this.#deleter.send(pod.id, this.#term.signal)
        if (!this.#deleter.isAnswered(pod.id)) return
        this.#parts.log.warn({ pod: pod.name, podId: pod.id }, 'A pod that nobody held was ended')
        await countSweep(store.facts, pod.name, world.now)
        if (at !== undefined) await this.#chargeStray(pod, at, 'settle')
      })
    }
  }

  /** What a stray cost belongs to us too. A row that was settled keeps its settlement. */
  async #chargeStray(pod: PodList['pods'][number], at: number, kind: 'accrue' | 'settle'): Promise<void> {
    const { store, journal } = this.#parts
    const row = await store.pods.find(pod.name)
    if (row === undefined || (row.providerId !== null && row.providerId !== pod.id)) return
    const amount =
      pod.microUsdPerHour > 0 ? strayCost(pod, at) : costOf(row.microUsdPerHour, at - (row.attemptedAt ?? at))
    await store.ledger.write({ podName: row.name, kind, microUsd: amount, at }, this.#term.fence)
    if (kind === 'settle') await journal.append({ kind, at, podName: row.name, microUsd: amount, reason: 'swept' })
  }

  async #rent(world: World, plan: DispatchPlan): Promise<void> {
    const [demand] = plan.rent
    const isPaused = world.stop?.paused === true
    if (demand !== undefined && this.#watch.refusal !== null) return this.#refuse(world.demands, this.#watch.refusal)
    // Nothing is created before one good list of this term has shown what exists.
    if (demand === undefined || this.#isRenting || this.#watch.list === null || world.now < this.#rentAt || isPaused) {
      if (demand !== undefined && isPaused) await this.#refuse(world.demands, pausedRefusal(world.stop))
      return
    }
    const slot = freeSlot(world.rows, this.#policy.maxPods)
    if (slot === undefined || !this.#term.isLeading()) return
    this.#isRenting = true
    this.#isAtRest = false
    this.#watch.run(async () => {
      try {
        await this.#afterRent(demand, await this.#renter.rent(demand, slot))
      } finally {
        this.#isRenting = false
      }
    })
  }

  async #afterRent(demand: DemandRow, outcome: RentOutcome): Promise<void> {
    const { store } = this.#parts
    if (outcome.kind === 'sent') return
    const waiting = (await store.demands.list()).filter((other) => other.refused === null)
    if (outcome.kind === 'refuse') {
      return this.#refuse(
        outcome.scope === 'all' ? waiting : waiting.filter((other) => other.jobId === demand.jobId),
        outcome.refusal,
      )
    }
    this.#rentAt = outcome.until
    await Promise.all(
      waiting
        .filter((other) => other.note !== outcome.note)
        .map((other) => store.demands.patch(other.jobId, { note: outcome.note })),
    )
    await store.notify('demand')
  }

  async #refuse(demands: readonly DemandRow[], refusal: Refusal): Promise<void> {
    const { store, log } = this.#parts
    const open = demands.filter((demand) => demand.refused === null)
    if (open.length === 0) return
    log.warn({ code: refusal.code, jobs: open.length }, `No pod: ${refusal.message}`)
    await Promise.all(open.map((demand) => store.demands.patch(demand.jobId, { refused: { ...refusal } })))
    await store.notify('demand')
  }

  #lookAtBills({ now }: World): void {
    if (now - this.#billsAt < BILLS_MS) return
    this.#billsAt = now
    this.#watch.run(async () => {
      await checkBilling(this.#parts, this.#term.signal)
    })
  }

  /** Demands whose process is gone. */
  async #prune(world: World): Promise<void> {
    const { store } = this.#parts
    const isOver = (demand: DemandRow) =>
      demand.expiresAt + this.#policy.timings.holdMs < world.now || (demand.refused !== null && isStartDemand(demand))
    await Promise.all(world.demands.filter(isOver).map((demand) => store.demands.remove(demand.jobId)))
  }

  /** Gaps are measured from the end of a model's work to the next wish for it, whether its pod was kept or not. */
  #learn(world: World): void {
    for (const row of world.rows) {
      const isWorking = world.holds.some((hold) => hold.podName === row.name)
      const isAsked = world.demands.some((demand) => demand.model === row.model && !isStartDemand(demand))
      const endedAt = this.#endedWork.get(row.model)
      if (isWorking || isAsked) {
        if (endedAt !== undefined)
          this.#idle = recordGap(this.#idle, world.now - endedAt, contextOf(this.#idle, world.isHinted))
        this.#endedWork.delete(row.model)
      } else if (row.readyAt !== null && endedAt === undefined)
        this.#endedWork.set(row.model, row.lastUseAt ?? world.now)
    }
    for (const demand of world.demands) {
      const endedAt = this.#endedWork.get(demand.model)
      if (endedAt === undefined || isStartDemand(demand)) continue
      this.#idle = recordGap(this.#idle, demand.createdAt - endedAt, contextOf(this.#idle, false))
      this.#endedWork.delete(demand.model)
    }
  }

  #account(world: World): void {
    const elapsedMs = Math.max(0, world.now - this.#accountedAt)
    this.#accountedAt = world.now
    for (const row of world.rows) {
      if (row.attemptedAt === null) continue
      const isIdle = row.state === 'ready' && !world.holds.some((hold) => hold.podName === row.name)
      this.#idle = recordTime(this.#idle, isIdle ? 0 : elapsedMs, isIdle ? elapsedMs : 0)
    }
  }

  /** Every now and then: what running pods have cost so far, and what was learnt. */
  async #save(world: World): Promise<void> {
    const { store, log } = this.#parts
    if (world.rows.length === 0 || world.now - this.#savedAt < this.#policy.timings.accrueMs) return
    this.#savedAt = world.now
    for (const row of world.rows) {
      // Of a create without an answer nothing is known to cost yet; its reservation stands.
      if (row.attemptedAt === null || row.state === 'intent') continue
      const entry = {
        podName: row.name,
        kind: 'accrue' as const,
        microUsd: spendOf(row, row.deletedAt ?? world.now),
        at: world.now,
      }
      await store.ledger.write(entry, this.#term.fence)
    }
    this.#isOverBudget = await this.#hasReachedCap(world.now)
    await store.facts.set(IDLE_KEY, this.#idle as unknown as Json)
    log.debug({ pods: world.rows.length }, 'Spending so far was written down')
  }

  /** Reservations keep spending under the caps; a cap that was lowered, or a price that rose, is noticed here. */
  async #hasReachedCap(now: number): Promise<boolean> {
    const caps = capsAt(now, this.#policy.perDayMicroUsd, this.#policy.perMonthMicroUsd)
    const spent = await Promise.all(caps.map((cap) => this.#parts.store.ledger.spent(cap.since)))
    return caps.some((cap, index) => (spent[index] ?? 0) >= cap.capMicroUsd)
  }
}

function isComingUp(row: PodRow): boolean {
  return row.state === 'creating' || row.state === 'booting' || row.state === 'warming'
}

function withMark(patch: Partial<PodRow>, actions: readonly FleetAction[]): Partial<PodRow> {
  const isBoot = actions.some((action) => action.kind === 'boot-failed')
  return isBoot && patch.endReason != null ? { ...patch, endReason: `${BOOT_FAILED_PREFIX}${patch.endReason}` } : patch
}

function freeSlot(rows: readonly PodRow[], maxPods: number): number | undefined {
  const taken = new Set(rows.map((row) => row.slot))
  return Array.from({ length: maxPods }, (_, slot) => slot).find((slot) => !taken.has(slot))
}

function pausedRefusal(stop: StopRequest | undefined): Refusal {
  return {
    code: 'not-ready',
    message: `No pod is rented: ${stop?.reason ?? 'the fleet was shut down'}.`,
    remedy: 'Start it again with POST /control/start or `devloop pods start`.',
  }
}
