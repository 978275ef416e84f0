import type { Json, PodRow, Store } from '../ports/store.ts'
import { contextOf, type IdleMemory, keepIdleMs, NO_IDLE_MEMORY, recordGap, recordTime } from './idle.ts'
import type { IdlePolicy } from './policy.ts'
import { isStartDemand } from './requests.ts'
import type { World } from './world.ts'

const IDLE_KEY = 'fleet/idle'

/** Watches when models are wanted, and says how long a pod without work is kept. */
export class IdleLearner {
  readonly #facts: Store['facts']
  readonly #policy: IdlePolicy
  readonly #endedWork = new Map<string, number>()
  #memory: IdleMemory = NO_IDLE_MEMORY
  #accountedAt: number

  constructor(facts: Store['facts'], policy: IdlePolicy, now: number) {
    this.#facts = facts
    this.#policy = policy
    this.#accountedAt = now
  }

  async load(): Promise<void> {
    const stored = await this.#facts.get(IDLE_KEY)
    if (typeof stored === 'object' && stored !== null && 'gaps' in stored)
      this.#memory = stored as unknown as IdleMemory
  }

  async save(): Promise<void> {
    await this.#facts.set(IDLE_KEY, this.#memory as unknown as Json)
  }

  keepUntil(row: PodRow, { isHinted }: World): number {
    const idleSince = row.lastUseAt ?? row.readyAt ?? row.intentAt
    return idleSince + keepIdleMs(this.#memory, this.#policy, contextOf(this.#memory, isHinted))
  }

  /** The clock was set: the time since the last look is not known. */
  startAnew(now: number): void {
    this.#accountedAt = now
  }

  learn(world: World): void {
    this.#account(world)
    this.#learnFromRows(world)
    this.#learnFromDemands(world)
  }

  #account(world: World): void {
    const elapsedMs = Math.max(0, world.now - this.#accountedAt)
    this.#accountedAt = world.now
    for (const row of world.rows) {
      if (row.attemptedAt === null) continue
      const isIdle = row.state === 'ready' && !world.holds.some((hold) => hold.podName === row.name)
      this.#memory = recordTime(this.#memory, isIdle ? 0 : elapsedMs, isIdle ? elapsedMs : 0)
    }
  }

  /** Gaps are measured from the end of a model's work to the next wish for it, whether its pod was kept or not. */
  #learnFromRows(world: World): void {
    for (const row of world.rows) {
      const isWorking = world.holds.some((hold) => hold.podName === row.name)
      const isAsked = world.demands.some((demand) => demand.model === row.model && !isStartDemand(demand))
      const endedAt = this.#endedWork.get(row.model)
      if (isWorking || isAsked) {
        if (endedAt !== undefined) this.#record(world.now - endedAt, world.isHinted)
        this.#endedWork.delete(row.model)
      } else if (row.readyAt !== null && endedAt === undefined)
        this.#endedWork.set(row.model, row.lastUseAt ?? world.now)
    }
  }

  #learnFromDemands(world: World): void {
    for (const demand of world.demands) {
      const endedAt = this.#endedWork.get(demand.model)
      if (endedAt === undefined || isStartDemand(demand)) continue
      this.#record(demand.createdAt - endedAt, false)
      this.#endedWork.delete(demand.model)
    }
  }

  #record(gapMs: number, isHinted: boolean): void {
    this.#memory = recordGap(this.#memory, gapMs, contextOf(this.#memory, isHinted))
  }
}
