import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../../ports/clock.ts'
import type { ProcessOrder } from './process-order.ts'
import type { Replica } from './replica.ts'

const STOP_MS = 4_000
const LONGEST_JUMP_MS = 3 * 60_000

/** What befalls the replicas of a run: they are killed, stopped for a while, and the clocks of their machines are set. */
export class Strikes {
  readonly #replicas: readonly Replica[]
  readonly #random: Random
  readonly #order: ProcessOrder
  stops = 0
  clockJumps = 0

  constructor(replicas: readonly Replica[], random: Random, order: ProcessOrder) {
    this.#replicas = replicas
    this.#random = random
    this.#order = order
  }

  async run(endsAt: number): Promise<void> {
    await Promise.all([this.#killAndStop(endsAt), ...(this.#order.clockJumps ? [this.#setClocks(endsAt)] : [])])
    // A replica that still waits at its crash point would take the end of the run with it.
    for (const replica of this.#replicas) replica.kill()
  }

  async #killAndStop(endsAt: number): Promise<void> {
    // One process on its own needs a while to open its database again.
    const [least, spread] = this.#order.store === 'postgres' ? [1_000, 2_000] : [4_000, 5_000]
    while (Date.now() < endsAt) {
      await sleep(least + this.#random.fraction() * spread)
      const replica = this.#anyReplica()
      if (this.#random.fraction() < 0.5) {
        replica?.kill()
      } else {
        this.stops += 1
        void replica?.stopFor(STOP_MS)
      }
    }
    await sleep(STOP_MS)
  }

  /** Each machine has its own clock, which a restart of the process does not put right; at the end all are. */
  async #setClocks(endsAt: number): Promise<void> {
    while (Date.now() < endsAt) {
      await sleep(2_000 + this.#random.fraction() * 6_000)
      this.clockJumps += 1
      this.#anyReplica()?.setClock((this.#random.fraction() * 2 - 1) * LONGEST_JUMP_MS)
    }
    for (const replica of this.#replicas) replica.setClock(0)
  }

  #anyReplica(): Replica | undefined {
    return this.#replicas[Math.floor(this.#random.fraction() * this.#replicas.length)]
  }
}
