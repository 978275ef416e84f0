import { costOf } from '../ports/money.ts'
import type { PodRow } from '../ports/store.ts'
import type { DeleteTry, Deleter } from './deleter.ts'
import { NEVER_APPEARED } from './end-reasons.ts'
import { hasProvenAbsence, ownEndOf } from './own-end.ts'
import type { FleetParts } from './parts.ts'
import type { FleetAction } from './step.ts'
import type { Term } from './term.ts'
import type { FleetTimings } from './timings.ts'
import type { Watch } from './watch.ts'

/** Ends pods of rows, dates their ends, and writes down what they cost. */
export class PodEnder {
  readonly #parts: FleetParts
  readonly #timings: FleetTimings
  readonly #term: Term
  readonly #watch: Watch
  readonly #deleter: Deleter
  /** Pods whose DELETEs of this term have certainly all changed nothing. */
  readonly #inVain = new Set<string>()

  constructor(parts: FleetParts, timings: FleetTimings, term: Term, watch: Watch, deleter: Deleter) {
    this.#parts = parts
    this.#timings = timings
    this.#term = term
    this.#watch = watch
    this.#deleter = deleter
  }

  /**
   * The end is dated before the DELETE leaves, for as long as none before it can have ended the pod: who takes over after a crash still
   * knows since when the pod may be gone.
   */
  delete(row: PodRow, { providerId, isFresh }: Extract<FleetAction, { kind: 'delete' }>): void {
    const { store, clock } = this.#parts
    if (isFresh) this.#deleter.forget(providerId)
    if (!this.#deleter.isDue(providerId)) return
    const isFirst = isFresh || this.#inVain.has(providerId)
    this.#watch.run(async () => {
      const now = clock.now()
      const back = isFresh ? { absentSince: null } : {}
      if (isFirst) await store.pods.update(row.name, this.#term.fence, { deletedAt: now, ...back })
      const isYoung = now - (row.attemptedAt ?? row.intentAt) < this.#timings.youngMs
      const sent = await this.#deleter.send(providerId, isYoung, this.#term.signal)
      const wasInVain = sent.outcome === 'refused' || (sent.outcome === 'absent' && isYoung)
      if (isFirst && wasInVain) this.#inVain.add(providerId)
      else this.#inVain.delete(providerId)
      const patch = this.#datingOf(row, sent, isFirst, isYoung)
      if (patch !== undefined) await store.pods.update(row.name, this.#term.fence, patch)
    })
  }

  /**
   * Of several DELETEs the one counts that was accepted, else the last whose answer was lost before the provider said 404: an earlier one
   * with effect would have made the next a 404. A 404 to the first that the provider can have known of is an end of the pod's own.
   */
  #datingOf(row: PodRow, sent: DeleteTry, isFirst: boolean, isYoung: boolean): Partial<PodRow> | undefined {
    switch (sent.outcome) {
      case 'accepted':
        // It was there until now, whatever lists that lag did not show: absence is proved from here.
        return { deletedAt: sent.at, absentSince: null }
      case 'unclear':
        return isFirst || !hasProvenAbsence(row, this.#timings.youngMs) ? { deletedAt: sent.at } : undefined
      case 'absent':
        return isFirst && !isYoung && row.ownEndAt === null
          ? { ownEndAt: ownEndOf(row, this.#watch.lifeOf(row), sent.at) }
          : undefined
      case 'refused':
        return undefined
    }
  }

  /** Ledger and journal first, the row last: a crash in between writes the same settlement again. */
  async settle(row: PodRow, action: Extract<FleetAction, { kind: 'settle' }>): Promise<void> {
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
  async journalAbsence(row: PodRow): Promise<void> {
    const { journal, clock } = this.#parts
    await journal.append({
      kind: 'settle',
      at: clock.now(),
      podName: row.name,
      microUsd: costOf(row.microUsdPerHour, 0),
      reason: NEVER_APPEARED,
    })
  }
}
