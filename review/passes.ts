import { findAll, type FindRun, longestFirst } from './find/find-all.ts'
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
  /** One call on a slot that idles in the last pass that may run, as `FindPlan` has it. */
  readonly meanwhile?: (known: PassesSoFar, left: readonly FindPiece[]) => Promise<boolean>
}

export interface PassesSoFar {
  /** With the one that is running. */
  readonly passes: number
  /** What was proposed, with the pass that did. */
  readonly proposals: readonly { readonly proposal: Proposal; readonly pass: number }[]
}

export interface PassRun extends PassesSoFar {
  readonly first: FindRun
  /** Results of all passes. */
  readonly results: readonly PieceResult[]
}

/**
 * Reads every piece once, and again with its hunks in another order while the time is paid for anyway: what is found again is worth
 * more than what a mood of the model said once.
 */
export async function runPasses(plan: PassPlan): Promise<PassRun> {
  const startedAt = plan.now()
  const { meanwhile } = plan
  const runs: FindRun[] = []
  const ahead = createAhead(plan, startedAt)
  const runPass = (pass: number): Promise<FindRun> =>
    findAll({
      pieces: plan.pieces.map((piece) => shuffled(piece, pass)),
      slots: plan.slots,
      review: (piece) => ahead.begun(piece) ?? plan.review(piece, pass),
      signal: plan.signal,
      onDone: (result) => plan.onDone(result, pass),
      // What a later pass says changes what a finding weighs: second looks come in the last one.
      ...(pass < plan.passes && { meanwhile: (known) => ahead.begin(pass + 1, known) }),
      ...(meanwhile !== undefined &&
        pass === plan.passes && {
          meanwhile: (known, left) => meanwhile(soFar([...runs.map(({ results }) => results), known]), left),
        }),
    })
  try {
    const first = await runPass(1)
    const passMs = plan.now() - startedAt
    runs.push(first)
    while (runs.length < plan.passes && first.stopped === null && plan.mayGoOn(passMs)) {
      const run = await runPass(runs.length + 1)
      // Half a pass would vote on half of the change only.
      if (run.stopped !== null) break
      runs.push(run)
    }
    const passes = runs.map(({ results }) => results)
    return { first, results: passes.flat(), ...soFar(passes) }
  } finally {
    await ahead.settled()
  }
}

/**
 * Pieces of the next pass, begun on slots that have nothing left to read in this one. As far as can be told by then the next pass will be
 * paid for; should it not be after all, these few were read for nothing.
 */
function createAhead({ pieces, mayGoOn, now, review }: PassPlan, startedAt: number) {
  const begun = new Map<string, Promise<PieceResult>>()
  const isRead = (result: PieceResult) => result.parts.some(({ state }) => state === 'reviewed')
  return {
    begun: ({ key }: FindPiece) => begun.get(key),
    async begin(pass: number, known: readonly PieceResult[]): Promise<boolean> {
      if (!known.some(isRead) || !mayGoOn(now() - startedAt)) return false
      const next = longestFirst(pieces)
        .map((piece) => shuffled(piece, pass))
        .find(({ key }) => !begun.has(key))
      if (next === undefined) return false
      const result = review(next, pass)
      begun.set(next.key, result)
      try {
        await result
        return true
      } catch {
        // The pass itself meets it again, and tells.
        begun.delete(next.key)
        return false
      }
    },
    async settled(): Promise<void> {
      await Promise.allSettled(begun.values())
    },
  }
}

function soFar(passes: readonly (readonly PieceResult[])[]): PassesSoFar {
  const proposals = passes.flatMap((results, index) =>
    results.flatMap((result) => result.proposals.map((proposal) => ({ proposal, pass: index + 1 }))),
  )
  return { passes: passes.length, proposals }
}

/** Another order for each pass, the same in every attempt of a job; a piece of one hunk stays as it is. */
function shuffled(piece: FindPiece, pass: number): FindPiece {
  if (pass === 1) return piece
  const turn = (pass - 1) % piece.parts.length
  const turned = [...piece.parts.slice(turn), ...piece.parts.slice(0, turn)]
  return { ...piece, key: `${piece.key}/pass-${pass}`, parts: pass % 2 === 0 ? turned.reverse() : turned }
}
