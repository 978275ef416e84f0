import type { PodRow } from '../ports/store.ts'
import { tellOfBoot } from './boot-failures.ts'
import type { Deleter } from './deleter.ts'
import type { DispatchPlan } from './dispatch.ts'
import { BOOT_FAILED_PREFIX, NEVER_APPEARED, OVER_BUDGET } from './end-reasons.ts'
import type { IdleLearner } from './idle-learner.ts'
import type { Observation, Sighting } from './observation.ts'
import type { FleetParts } from './parts.ts'
import type { PodEnder } from './pod-ender.ts'
import type { FleetPolicy } from './policy.ts'
import type { Renter } from './renter.ts'
import type { Spending } from './spending.ts'
import { type FleetAction, step } from './step.ts'
import type { Term } from './term.ts'
import type { Watch } from './watch.ts'
import type { World } from './world.ts'

/** What a row is judged by beside the world of one pass. */
export interface DriverParts {
  readonly watch: Watch
  readonly deleter: Deleter
  readonly renter: Renter
  readonly ender: PodEnder
  readonly learner: IdleLearner
  readonly spending: Spending
}

/** Takes one row a step further: sees, lets `step` decide, writes, acts. */
export class PodDriver {
  readonly #parts: FleetParts
  readonly #policy: FleetPolicy
  readonly #term: Term
  readonly #own: DriverParts
  readonly #unwantedSince = new Map<string, number>()

  constructor(parts: FleetParts, policy: FleetPolicy, term: Term, own: DriverParts) {
    this.#parts = parts
    this.#policy = policy
    this.#term = term
    this.#own = own
  }

  /** Answers whether the row has changed its state. `trustedFrom`: since when the clock can be trusted. */
  async drive(row: PodRow, world: World, plan: DispatchPlan, trustedFrom: number): Promise<boolean> {
    const { store, checkpoint, log } = this.#parts
    const { renter, ender } = this.#own
    // Its create is under way right here; the renter alone knows what has left.
    if (row.state === 'intent' && renter.sending.has(row.name)) return false
    const { patch, actions } = step(row, this.#observe(row, world, plan, trustedFrom), world.now, this.#policy.timings)
    const isMove = patch.state !== undefined && patch.state !== row.state
    for (const action of actions) if (action.kind === 'settle') await ender.settle(row, action)
    if (isMove && patch.endReason === NEVER_APPEARED) await ender.journalAbsence(row)
    if (Object.keys(patch).length > 0) {
      if (isMove) await checkpoint?.(`step:before-${patch.state}`)
      await store.pods.update(row.name, this.#term.fence, withMark(patch, actions))
      if (isMove) await checkpoint?.(`step:after-${patch.state}`)
    }
    for (const action of actions) await this.#act({ ...row, ...patch }, action)
    if (isMove) log.info({ pod: row.name, from: row.state, to: patch.state, reason: patch.endReason }, 'A pod moved on')
    if (row.providerId !== null || isMove) renter.results.delete(row.name)
    return isMove
  }

  #observe(row: PodRow, world: World, plan: DispatchPlan, trustedFrom: number): Observation {
    const { watch, deleter, renter, learner, spending } = this.#own
    const created = row.state === 'intent' ? renter.results.get(row.name) : undefined
    const sighting =
      created?.kind === 'created'
        ? { kind: 'present' as const, startedAt: created.at, pod: created.pod }
        : this.#sightingOf(row, trustedFrom)
    const { stop } = world
    return {
      sighting,
      refusal: created?.kind === 'refused' ? created.code : null,
      guard: watch.guardOf(row),
      life: watch.lifeOf(row),
      isDeleteAnswered: row.providerId !== null && deleter.isAnswered(row.providerId),
      holds: world.holds.filter((hold) => hold.podName === row.name).length,
      unwantedSince: this.#wantedness(row, world),
      keepUntil: learner.keepUntil(row, world),
      makeRoom: plan.makeRoom.has(row.name),
      endRequest: spending.isOverBudget
        ? { reason: OVER_BUDGET, force: true }
        : stop !== undefined && row.intentAt <= stop.at
          ? { reason: stop.reason, force: stop.force }
          : null,
      maxMicroUsdPerHour: this.#policy.maxMicroUsdPerHour,
    }
  }

  /** That a create has made nothing is believed of lists that were all read since the clock can be trusted. */
  #sightingOf(row: PodRow, trustedFrom: number): Sighting {
    const sighting = this.#own.watch.sightingOf(row)
    const isTooEarly =
      row.state === 'intent' &&
      sighting.kind === 'absent' &&
      sighting.startedAt < trustedFrom + this.#policy.timings.settleMs
    return isTooEarly ? { kind: 'unknown' } : sighting
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

  async #act(row: PodRow, action: FleetAction): Promise<void> {
    switch (action.kind) {
      case 'settle':
        return
      case 'boot-failed':
        await this.#own.renter.bootFailed(row)
        return tellOfBoot(this.#parts, this.#policy.maxBoots, row, action.reason)
      case 'delete':
        return this.#own.ender.delete(row, action)
    }
  }
}

function withMark(patch: Partial<PodRow>, actions: readonly FleetAction[]): Partial<PodRow> {
  const isBoot = actions.some((action) => action.kind === 'boot-failed')
  return isBoot && patch.endReason != null ? { ...patch, endReason: `${BOOT_FAILED_PREFIX}${patch.endReason}` } : patch
}
