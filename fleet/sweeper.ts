import { costOf } from '../ports/money.ts'
import type { ProviderPod } from '../ports/pods.ts'
import type { PodRow } from '../ports/store.ts'
import type { Deleter } from './deleter.ts'
import { strayCost } from './ledger.ts'
import type { FleetParts } from './parts.ts'
import { parsePodName } from './pod-name.ts'
import type { FleetPolicy } from './policy.ts'
import { type SweepMemory, sweep } from './sweep.ts'
import { countSweep } from './sweep-count.ts'
import type { Term } from './term.ts'
import type { PodList } from './list-watch.ts'
import type { Watch } from './watch.ts'
import type { World } from './world.ts'

/** Ends pods of ours that nobody holds, and writes down what they cost. */
export class Sweeper {
  readonly #parts: FleetParts
  readonly #policy: FleetPolicy
  readonly #term: Term
  readonly #watch: Watch
  readonly #deleter: Deleter
  #memory: SweepMemory = new Map()
  /** By provider id: when the DELETE left that ended a stray, as far as is known. */
  readonly #endedAt = new Map<string, number>()
  #sweptList: PodList | null = null

  constructor(parts: FleetParts, policy: FleetPolicy, term: Term, watch: Watch, deleter: Deleter) {
    this.#parts = parts
    this.#policy = policy
    this.#term = term
    this.#watch = watch
    this.#deleter = deleter
  }

  /** Whether something was seen once that should not be: lists are read faster until it is clear. */
  get isSuspicious(): boolean {
    return this.#memory.size > 0
  }

  /** Once per list. */
  async sweep(world: World): Promise<void> {
    const { list } = this.#watch
    if (list === null || list === this.#sweptList) return
    this.#sweptList = list
    const { installId, timings } = this.#policy
    const result = sweep({
      pods: list.pods,
      listedAt: list.startedAt,
      rows: await this.#rowsOf(list, world),
      memory: this.#memory,
      installId,
      now: world.now,
      sightingMs: timings.sightingMs,
    })
    this.#memory = result.memory
    for (const pod of result.reap) if (this.#deleter.isDue(pod.id)) this.#watch.run(() => this.#end(pod, world.now))
  }

  async #rowsOf(list: PodList, world: World): Promise<ReadonlyMap<string, PodRow>> {
    const rows = new Map(world.rows.map((row) => [row.name as string, row]))
    for (const pod of list.pods) {
      if (rows.has(pod.name) || parsePodName(pod.name)?.installId !== this.#policy.installId) continue
      const row = await this.#parts.store.pods.find(pod.name)
      if (row !== undefined) rows.set(pod.name, row)
    }
    return rows
  }

  async #end(pod: ProviderPod, now: number): Promise<void> {
    const { store, log, clock, checkpoint } = this.#parts
    const row = await this.#rowOf(pod)
    // Written first: of a DELETE whose answer is lost nothing is seen but an empty list.
    if (!this.#endedAt.has(pod.id)) await this.#charge(row, pod, clock.now(), 'accrue')
    await checkpoint?.('sweep:before-delete')
    const sent = await this.#deleter.send(pod.id, false, this.#term.signal)
    if (sent.outcome === 'unclear') await this.#charge(row, pod, sent.at, 'accrue')
    if (!this.#deleter.isAnswered(pod.id)) return
    log.warn({ pod: pod.name, podId: pod.id }, 'A pod that nobody held was ended')
    await countSweep(store.facts, pod.name, now)
    // After a 404 the DELETE before it has ended the pod.
    const endedAt = sent.outcome === 'accepted' ? sent.at : (this.#endedAt.get(pod.id) ?? sent.at)
    await this.#charge(row, pod, endedAt, 'settle')
  }

  /** The row whose pod this is, if it is one's; its bill can be asked for by the provider's id from then on. */
  async #rowOf(pod: ProviderPod): Promise<PodRow | undefined> {
    const { store } = this.#parts
    const row = await store.pods.find(pod.name)
    if (row === undefined || (row.providerId !== null && row.providerId !== pod.id)) return undefined
    if (row.providerId === null) await store.pods.update(row.name, this.#term.fence, { providerId: pod.id })
    return row
  }

  /** What a stray cost belongs to us too. A row that was settled keeps its settlement. */
  async #charge(row: PodRow | undefined, pod: ProviderPod, at: number, kind: 'accrue' | 'settle'): Promise<void> {
    const { store, journal } = this.#parts
    this.#endedAt.set(pod.id, at)
    if (row === undefined) return
    const microUsd =
      pod.microUsdPerHour > 0 ? strayCost(pod, at) : costOf(row.microUsdPerHour, at - (row.attemptedAt ?? at))
    await store.ledger.write({ podName: row.name, kind, microUsd, at }, this.#term.fence)
    if (kind === 'settle') await journal.append({ kind, at, podName: row.name, microUsd, reason: 'swept' })
  }
}
