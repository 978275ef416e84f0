import { ModelError } from '../../ports/errors.ts'
import { faultOf } from './fault.ts'
import type { FindPiece, PieceResult } from './piece.ts'

export interface FindPlan {
  readonly pieces: readonly FindPiece[]
  /** How many calls may run side by side. */
  readonly slots: number
  /** Reviews one piece; recorded, so that a crash does not pay for it again. */
  readonly review: (piece: FindPiece) => Promise<PieceResult>
  /** Aborts when the engine is lost or the job was cancelled. */
  readonly signal: AbortSignal
  readonly onDone?: (result: PieceResult) => void
  /**
   * One call on a slot that has nothing left to read while others still read; false when there is none to make as yet. It may outlast
   * the reading: whoever began it waits for it. Absent: such slots idle.
   */
  readonly meanwhile?: (known: readonly PieceResult[], left: readonly FindPiece[]) => Promise<boolean>
}

export interface FindRun {
  /** In the order of the pieces asked for; pieces without a result are missing. */
  readonly results: readonly PieceResult[]
  /** Why pieces are missing; null when none is. */
  readonly stopped: { readonly reason: 'engine' | 'hopeless' | 'aborted'; readonly error: unknown } | null
}

/** Calls in a row, and calls about one piece, that the engine may fail before it is given up. */
const engineFailures = 3
/** Pieces that may fail for the model's own answers, none having succeeded, before the rest is not paid for. */
const hopelessAfter = 4

/**
 * Reviews all pieces with every slot busy: the longest first, and whoever is free takes the next. Never rejects for what a model or
 * an engine does: what could not be had is missing in the results, with the reason. Every other error (a lost fence) ends it.
 */
export async function findAll(plan: FindPlan): Promise<FindRun> {
  const queue = longestFirst(plan.pieces)
  const results = new Map<string, PieceResult>()
  let stopped: FindRun['stopped'] = null
  const failures = new Map<string, number>()
  let failedInARow = 0
  let broken: { readonly error: unknown } | null = null
  const reading = new Set<FindPiece>()
  const over = Promise.withResolvers<void>()
  let ended = Promise.withResolvers<void>()
  const known = () => plan.pieces.flatMap((piece) => results.get(piece.key) ?? [])
  const work = async (): Promise<void> => {
    while (stopped === null) {
      if (plan.signal.aborted) stopped = { reason: 'aborted', error: plan.signal.reason }
      const piece = stopped === null ? queue.shift() : undefined
      if (piece === undefined) {
        if (stopped !== null || reading.size === 0 || plan.meanwhile === undefined) return
        const next = ended.promise
        const isUsed = await Promise.race([plan.meanwhile(known(), [...reading]), over.promise])
        if (isUsed !== true) await next
        continue
      }
      reading.add(piece)
      try {
        const result = await plan.review(piece)
        results.set(piece.key, result)
        failedInARow = 0
        plan.onDone?.(result)
        if (isHopeless(results.values())) stopped ??= { reason: 'hopeless', error: null }
      } catch (error) {
        if (plan.signal.aborted) stopped ??= { reason: 'aborted', error }
        else if (!(error instanceof ModelError)) {
          broken ??= { error }
          stopped ??= { reason: 'aborted', error }
        } else {
          failedInARow += 1
          const failed = (failures.get(piece.key) ?? 0) + 1
          failures.set(piece.key, failed)
          if (faultOf(error) !== 'engine' || Math.max(failed, failedInARow) >= engineFailures) {
            stopped ??= { reason: 'engine', error }
          } else queue.push(piece)
        }
      } finally {
        reading.delete(piece)
        ended.resolve()
        ended = Promise.withResolvers()
        if (reading.size === 0 && (queue.length === 0 || stopped !== null)) over.resolve()
      }
    }
  }
  const workers = plan.meanwhile === undefined ? Math.min(plan.slots, queue.length) : plan.slots
  await Promise.all(Array.from({ length: Math.max(1, workers) }, work))
  if (broken !== null) throw (broken as { error: unknown }).error
  return { results: known(), stopped }
}

/** So that none of the last ones is long. */
export function longestFirst(pieces: readonly FindPiece[]): FindPiece[] {
  return [...pieces].sort((left, right) => right.estimatedTokens - left.estimatedTokens)
}

function isHopeless(results: Iterable<PieceResult>): boolean {
  let failed = 0
  for (const result of results) {
    if (result.parts.some((part) => part.state === 'reviewed')) return false
    failed += 1
  }
  return failed >= hopelessAfter
}
