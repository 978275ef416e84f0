import { ModelError, StoreError } from '../ports/errors.ts'
import type { EngineLease } from '../ports/model.ts'
import type { DoubtResult } from './doubt/doubt-finding.ts'
import { createLookAhead } from './doubt/look-ahead.ts'
import { lookAgain } from './doubt/look-again.ts'
import { createLooks } from './doubt/looks.ts'
import { doubtSubject } from './doubt/subject.ts'
import type { ModelVoice } from './find/ask-model.ts'
import type { FindRun } from './find/find-all.ts'
import { findPiece } from './find/find-piece.ts'
import type { CoverageReason } from './finding.ts'
import { modelSettings } from './models.ts'
import { type PassRun, runPasses } from './passes.ts'
import type { Prepared } from './prepare.ts'
import { proveAll } from './prove-all.ts'
import { byWeight } from './rank/merge.ts'
import type { VotedFinding } from './rank/ranked.ts'
import { reasonOf } from './reason.ts'
import type { Receipt, ReviewCost } from './result.ts'
import { countVotes } from './votes.ts'
import type { ReviewChoices, ReviewProgress, ReviewWorld } from './world.ts'

/** What the model part of a review brought. */
export interface ModelPart {
  readonly engine: 'used' | 'not-configured' | 'failed'
  readonly run: PassRun | null
  readonly findings: readonly VotedFinding[]
  readonly doubts: readonly DoubtResult[]
  readonly cost: ReviewCost
  readonly engineFacts: Pick<Receipt, 'digest' | 'pod' | 'gpu'>
  /** The reason of hunks that were never asked about. */
  readonly unasked: CoverageReason
  /** Why not all was read; null when all was. */
  readonly shortfall: string | null
}

/** Findings that the sceptic gets to see at most, the heaviest first. */
const mostDoubts = 24

/** Finds, proves and doubts on one engine. Throws when the world aborts, or when the engine died and may be replaced. */
export async function runModelPart(
  prepared: Prepared,
  choices: ReviewChoices,
  world: Omit<ReviewWorld, 'acquire'>,
  lease: EngineLease,
  second: (() => Promise<EngineLease>) | null,
): Promise<ModelPart> {
  const signal = AbortSignal.any([world.signal, lease.lost])
  const voice: ModelVoice = {
    engine: lease.engine,
    model: lease.model,
    settings: modelSettings(choices.model),
    seed: choices.seed,
    signal,
    tokensPerChar: choices.ratio.samples === 0 ? null : choices.ratio.mean,
  }
  let promptsDone = 0
  const filesDone = new Set<string>()
  const report = (phase: ReviewProgress['phase']) =>
    world.onProgress({
      phase,
      promptsDone,
      promptsAll: prepared.pieces.length,
      filesDone: filesDone.size,
      filesAll: prepared.files.length,
      spentMicroUsd: lease.costSoFar().microUsd,
    })
  report('reading')
  const told = JSON.stringify(prepared.brief)
  const looks = createLooks(voice, choices.mark, world)
  const subjectOf = (finding: VotedFinding, headTexts: ReadonlyMap<string, string>) =>
    doubtSubject(finding, prepared.files, masked(headTexts.get(finding.path)))
  const atHome = { readHead: world.readHead, listHeadPaths: async () => null }
  const meanwhile = createLookAhead({
    looks,
    most: mostDoubts,
    prove: (proposals) => proveAll(proposals, prepared.files, atHome, told),
    subjectOf,
  })
  try {
    const run = await runPasses({
      pieces: prepared.pieces,
      slots: lease.slots,
      // Another pass runs only where a pod is rented and paid anyway.
      passes: lease.podName === null ? 1 : choices.passes,
      mayGoOn: (passMs) => mayPayAgain(lease, passMs, choices, world.clock.now()),
      now: () => world.clock.now(),
      review: (piece, pass) =>
        world.step(`find/${piece.key}`, () =>
          findPiece({ ...voice, seed: choices.seed + pass * 100 }, prepared.brief, piece),
        ),
      signal,
      onDone: (result, pass) => {
        if (pass === 1) promptsDone += 1
        for (const { path } of result.parts) filesDone.add(path)
        report('reading')
      },
      ...(second === null && { meanwhile }),
    })
    endIfAborted(world, run.first)
    const { proved, headTexts } = await proveAll(run.proposals, prepared.files, world, told)
    const findings = countVotes(proved, run.passes)
    report('doubting')
    const subjects = [...findings]
      .sort(byWeight)
      .slice(0, run.first.stopped?.reason === 'engine' ? 0 : mostDoubts)
      .flatMap((finding) => subjectOf(finding, headTexts) ?? [])
    const { doubts, spent } = await lookAgain({ subjects, voice, looks, lease, second, mark: choices.mark, world })
    world.signal.throwIfAborted()
    return {
      engine: run.results.length === 0 && run.first.stopped !== null ? 'failed' : 'used',
      run,
      findings,
      doubts,
      cost: spent,
      engineFacts: { digest: lease.digest, pod: lease.podName, gpu: lease.gpu },
      unasked: unaskedReason(run.first, lease.lost.reason),
      shortfall: shortfallOf(run.first, lease.lost),
    }
  } finally {
    // The engine is given back next.
    await looks.settled()
  }

  function masked(text: string | undefined): string | null {
    return text === undefined ? null : prepared.mask(text)
  }

  function endIfAborted(outside: Pick<ReviewWorld, 'signal' | 'mayRestart'>, first: FindRun): void {
    outside.signal.throwIfAborted()
    if (first.stopped === null || first.stopped.reason === 'hopeless' || !outside.mayRestart) return
    // Starting over would meet the same cap.
    if (isBudget(lease.lost.reason)) return
    if (first.stopped.error instanceof ModelError && first.stopped.error.owner === 'retry') throw first.stopped.error
    if (!lease.lost.aborted) return
    throw new ModelError({
      code: 'not-ready',
      message: `The engine was lost while it read the change: ${reasonOf(lease.lost.reason)}`,
      remedy: 'The review goes on with another one; nothing is read twice.',
      owner: 'retry',
      cause: lease.lost.reason,
    })
  }
}

/** Another pass runs only while both cost so far and one more pass stay below half the cap. */
function mayPayAgain(lease: EngineLease, passMs: number, choices: ReviewChoices, now: number): boolean {
  const expected = (lease.microUsdPerHour * passMs) / 3_600_000
  const isCheap = lease.costSoFar().microUsd + expected < choices.maxMicroUsd / 2
  return isCheap && passMs < now - choices.startedAt
}

function isBudget(reason: unknown): boolean {
  return reason instanceof StoreError && reason.code === 'budget-reached'
}

function unaskedReason({ stopped }: FindRun, lost: unknown): CoverageReason {
  if (isBudget(lost)) return 'budget'
  return stopped?.reason === 'aborted' ? 'time' : 'model-failed'
}

function shortfallOf({ stopped, results }: FindRun, lost: AbortSignal): string | null {
  if (lost.aborted && (stopped?.reason === 'aborted' || stopped?.reason === 'engine'))
    return `The engine was taken away before all was read: ${reasonOf(lost.reason)}`
  if (stopped?.reason === 'engine') return `The engine failed and the rest was not read: ${reasonOf(stopped.error)}`
  if (stopped?.reason === 'aborted') return `The engine was taken away before all was read: ${reasonOf(stopped.error)}`
  const problem = results.find((result) => result.parts.some((part) => part.state === 'failed'))?.problem
  const isNothingRead = results.every((result) => result.parts.every((part) => part.state === 'failed'))
  if (stopped?.reason === 'hopeless' || (problem && isNothingRead)) {
    return `The model gave no usable answer: ${problem ?? 'none at all'}`
  }
  return problem === undefined || problem === null
    ? null
    : `The model gave no usable answer about some hunks: ${problem}`
}
