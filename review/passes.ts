import { findAll, type FindRun } from './find/find-all.ts'
import type { FindPiece, PieceResult } from './find/piece.ts'
import type { Proposal } from './finding.ts'

export interface PassPlan {
  readonly pieces: readonly FindPiece[]
  readonly slots: number
  /** Passes wanted in all; the first always runs. */
  readonly passes: number
  /** Whether one more pass, expected to take as long as the first, may still be paid. */
  readonly mayGoOn: (passMs: number) => boolean
  readonly now: () => number
  /** Reviews one piece in one pass; recorded by the caller. */
  readonly review: (piece: FindPiece, pass: number) => Promise<PieceResult>
  readonly signal: AbortSignal
  readonly onDone: (result: PieceResult, pass: number) => void
}

export interface PassRun {
  readonly first: FindRun
  /** Results of all passes. */
  readonly results: readonly PieceResult[]
  readonly passes: number
  /** What was proposed, with the pass that did. */
  readonly proposals: readonly { readonly proposal: Proposal; readonly pass: number }[]
}

/**
 * Reads every piece once, and again with its hunks in another order while the time is paid for anyway: what is found again is worth
 * more than what a mood of the model said once.
 */
export async function runPasses(plan: PassPlan): Promise<PassRun> {
  const startedAt = plan.now()
  const runPass = (pass: number): Promise<FindRun> =>
    findAll({
      pieces: plan.pieces.map((piece) => shuffled(piece, pass)),
      slots: plan.slots,
      review: (piece) => plan.review(piece, pass),
      signal: plan.signal,
      onDone: (result) => plan.onDone(result, pass),
    })
  const first = await runPass(1)
  const passMs = plan.now() - startedAt
  const runs = [first]
  while (runs.length < plan.passes && first.stopped === null && plan.mayGoOn(passMs)) {
    const run = await runPass(runs.length + 1)
    // Half a pass would vote on half of the change only.
    if (run.stopped !== null) break
    runs.push(run)
  }
  return {
    first,
    results: runs.flatMap((run) => run.results),
    passes: runs.length,
    proposals: runs.flatMap((run, index) =>
      run.results.flatMap((result) => result.proposals.map((proposal) => ({ proposal, pass: index + 1 }))),
    ),
  }
}

/** Another order for each pass, the same in every attempt of a job; a piece of one hunk stays as it is. */
function shuffled(piece: FindPiece, pass: number): FindPiece {
  if (pass === 1) return piece
  const turn = (pass - 1) % piece.parts.length
  const turned = [...piece.parts.slice(turn), ...piece.parts.slice(0, turn)]
  return { ...piece, key: `${piece.key}/pass-${pass}`, parts: pass % 2 === 0 ? turned.reverse() : turned }
}
