import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { PodName } from '../ports/ids.ts'
import { costOf, type MicroUsd, microUsd } from '../ports/money.ts'
import type { PodProvider, ProviderPod } from '../ports/pods.ts'
import type { MoneyJournal } from '../ports/store.ts'
import { NEVER_APPEARED } from './end-reasons.ts'
import { endPods } from './end-pods.ts'
import { parsePodName } from './pod-name.ts'
import { type LateCreate, lateCreates, type ReapRules, reasonToEnd } from './reap-judge.ts'
import { errorText } from './refusal.ts'

export interface ReapParts {
  readonly provider: PodProvider
  readonly clock: Clock
  readonly log: Log
  /** Where the ends of what it knows of are written down. */
  readonly journal?: Pick<MoneyJournal, 'append'>
}

export interface ReapOrder extends ReapRules {
  readonly maxReap: number
  /** Looks only, once, and says what it would do. */
  readonly dryRun: boolean
  /** How long to wait for the proof of absence. */
  readonly proveMs: number
  readonly absenceMs: number
  /** How long after it left a create may still make a pod; it is looked for that long. Absent: one look. */
  readonly lateMs?: number
  /** Told before each wait for such creates. */
  readonly onWait?: (creates: readonly LateCreate[]) => void
}

export interface Reaped {
  readonly name: string
  readonly id: string
  readonly reason: string
  /** Absent from two lists after the DELETE. */
  readonly isProvenGone: boolean
}

export interface ReapResult {
  readonly ended: readonly Reaped[]
  readonly kept: readonly { readonly name: string; readonly reason: string }[]
  /** More were due than `maxReap`; the next run takes them. */
  readonly left: number
}

const LOOK_MS = 1_000

/**
 * Ends at once what is ours and whose holder is gone, and goes on looking while a create of a dead process may still be on its way. Needs
 * no database: the deadline stands in the name. Throws `PodsError` when the pods could not be listed, since "nothing found" and "could not
 * look" must never look alike.
 */
export async function reap(parts: ReapParts, order: ReapOrder, signal: AbortSignal): Promise<ReapResult> {
  const { clock } = parts
  const run = new ReapRun(parts, order)
  await run.look(signal)
  while (run.waitsFor.length > 0) {
    order.onWait?.(run.waitsFor)
    const nextMs = Math.min(...run.waitsFor.map(({ until }) => until - clock.now()))
    await clock.sleep(Math.max(1, Math.min(LOOK_MS, nextMs)), signal)
    await run.lookAgain(signal)
  }
  return run.result()
}

class ReapRun {
  readonly #parts: ReapParts
  readonly #order: ReapOrder
  readonly #late: Map<string, LateCreate>
  readonly #ended = new Map<string, Reaped>()
  readonly #giveUpAt: number
  #kept: readonly string[] = []
  #left = 0

  constructor(parts: ReapParts, order: ReapOrder) {
    const now = parts.clock.now()
    const lateMs = order.dryRun ? 0 : (order.lateMs ?? 0)
    this.#parts = parts
    this.#order = order
    this.#late = new Map(lateCreates(order, lateMs, now).map((create) => [create.podName, create]))
    this.#giveUpAt = now + lateMs + order.proveMs
  }

  /** Creates that may still make a pod; none once more is due than may be ended, since the next run looks again. */
  get waitsFor(): readonly LateCreate[] {
    return this.#left > 0 ? [] : [...this.#late.values()]
  }

  result(): ReapResult {
    return {
      ended: [...this.#ended.values()],
      kept: this.#kept.map((name) => ({ name, reason: 'its holder is alive' })),
      left: this.#left,
    }
  }

  /** A list that fails is asked for again, for as long as a proof of absence may take. */
  async lookAgain(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    try {
      await this.look(signal)
    } catch (error) {
      if (signal.aborted || clock.now() >= this.#giveUpAt) throw error
      log.warn({ error: errorText(error) }, 'Pods could not be listed; they are listed again')
    }
  }

  async look(signal: AbortSignal): Promise<void> {
    const { provider, clock } = this.#parts
    const { installId, maxReap } = this.#order
    const lookedAt = clock.now()
    const ours = (await provider.list(signal)).filter(
      (pod) => pod.status !== 'TERMINATED' && parsePodName(pod.name)?.installId === installId,
    )
    const fresh = ours.filter((pod) => !this.#ended.has(pod.id))
    const judged = fresh.map((pod) => ({ pod, reason: reasonToEnd(pod, this.#order, clock.now()) }))
    const due = judged.flatMap(({ pod, reason }) => (reason === undefined ? [] : [{ pod, reason }]))
    const taken = due.slice(0, maxReap - this.#ended.size)
    this.#kept = judged.flatMap(({ pod, reason }) => (reason === undefined ? [pod.name] : []))
    this.#left = due.length - taken.length
    await this.#end(taken, signal)
    for (const pod of ours) this.#late.delete(pod.name)
    for (const { podName, until } of [...this.#late.values()]) if (until <= lookedAt) await this.#neverAppeared(podName)
  }

  async #end(
    taken: readonly { readonly pod: ProviderPod; readonly reason: string }[],
    signal: AbortSignal,
  ): Promise<void> {
    const pods = taken.map(({ pod }) => pod)
    const ends = this.#order.dryRun ? undefined : await endPods(this.#parts, pods, this.#order, signal)
    for (const { pod, reason } of taken) {
      const end = ends?.get(pod.id)
      this.#ended.set(pod.id, { name: pod.name, id: pod.id, reason, isProvenGone: end?.isProvenGone === true })
      if (end?.isProvenGone === true) await this.#settle(pod, end.toldAt)
    }
  }

  /** What it cost, as far as can be told from here: a later run reads from the journal what is left of its budget. */
  async #settle(pod: ProviderPod, toldAt: number): Promise<void> {
    const lines = this.#order.journal.filter((line) => line.podName === pod.name)
    const create = lines.find((line) => line.kind === 'create')
    if (create?.kind !== 'create' || lines.some((line) => line.kind === 'settle')) return
    const rate = pod.microUsdPerHour > 0 ? pod.microUsdPerHour : create.microUsdPerHour
    const cost = costOf(rate, toldAt - (pod.createdAt || create.at))
    await this.#write(create.podName, cost, 'reaped')
  }

  async #neverAppeared(name: PodName): Promise<void> {
    this.#late.delete(name)
    await this.#write(name, microUsd(0), NEVER_APPEARED)
  }

  async #write(name: PodName, cost: MicroUsd, reason: string): Promise<void> {
    const at = this.#parts.clock.now()
    await this.#parts.journal?.append({ kind: 'settle', at, podName: name, microUsd: cost, reason })
  }
}
