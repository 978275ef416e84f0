import type { ReviewConfig } from '../config/resolved-config.ts'
import { ModelError, PodsError, StoreError } from '../ports/errors.ts'
import type { EngineLease } from '../ports/model.ts'
import { microUsd } from '../ports/money.ts'
import { checklistOf } from './checklist.ts'
import type { DoubtResult } from './doubt/doubt-finding.ts'
import type { ReviewInputs } from './gather/inputs.ts'
import { type ModelPart, runModelPart } from './model-part.ts'
import { modelSettings } from './models.ts'
import { outcomeOf } from './outcome.ts'
import { coverageOf } from './pack/coverage.ts'
import { learnFrom } from './learn.ts'
import type { TokenRatio } from './pack/token-ratio.ts'
import { type Prepared, prepare } from './prepare.ts'
import { promptVersions } from './prompts/versions.ts'
import { addUsage, noUsage } from './find/piece.ts'
import { type LineKeys, lineKeysOf } from './rank/line-keys.ts'
import { rank } from './rank/rank.ts'
import type { VotedFinding } from './rank/ranked.ts'
import { requirementLedger } from './requirement-ledger.ts'
import type { MustCheckState, ReviewResult } from './result.ts'
import { readOnce } from './read-once.ts'
import { reasonOf } from './reason.ts'
import { maskedReader } from './secrets/masked-reader.ts'
import { secretlintScanner } from './secrets/secretlint.ts'
import { standsInHead } from './stands.ts'
import type { ReviewChoices, ReviewWorld } from './world.ts'

/** The prompts that a review may send. */
const reviewPrompts = { find: promptVersions.find, retry: promptVersions.retry, doubt: promptVersions.doubt }

export interface ReviewRun {
  readonly result: ReviewResult
  /** What later rounds must know of the lines read in this one. */
  readonly seen: LineKeys
  readonly ratio: TokenRatio
}

/**
 * `classify → pack → find → prove → doubt → rank` over inputs that were gathered before. Ends with a result whatever the model does;
 * throws only when the world's signal aborts, a recorded step cannot be written, or a dead engine may be replaced by starting over.
 */
export async function runReview(
  inputs: ReviewInputs,
  config: ReviewConfig,
  choices: ReviewChoices,
  outside: ReviewWorld,
): Promise<ReviewRun> {
  const world = { ...outside, readHead: readOnce(maskedReader(outside.readHead, secretlintScanner)) }
  const settings = modelSettings(choices.model)
  const { ratio, mark, maxPrompts } = choices
  const { parallel: slots } = settings
  const prepared = await prepare(inputs, { config, settings, ratio, mark, maxPrompts, slots, readHead: world.readHead })
  const part = await modelPart(prepared, choices, world, config.secondModel)
  const found = [...prepared.certain, ...part.findings]
  const stands = await standsInHead(inputs, world.readHead)
  const refuted = new Map(part.doubts.filter(({ verdict }) => verdict === 'refuted').map((doubt) => [doubt.id, doubt]))
  const alive = found.filter(({ id }) => !refuted.has(id))
  const ranking = rank(alive, {
    memory: inputs.memory,
    minSeverity: config.minSeverity,
    maxFindings: config.maxFindings,
    stands,
  })
  const outcomes = part.run?.first.results.flatMap((result) => result.parts) ?? []
  const coverage = coverageOf(prepared.packing, prepared.skipped, outcomes, part.unasked)
  const shown = [...ranking.inline, ...ranking.folded]
  const results = part.run?.results ?? []
  const outcome = outcomeOf(coverage, shown.length + ranking.stillOpen.length, part.engine)
  const result: ReviewResult = {
    outcome: inputs.unlistedFiles > 0 && outcome !== 'failed' ? 'partial' : outcome,
    ranking: {
      ...ranking,
      suppressed: [...ranking.suppressed, ...found.flatMap((finding) => refutation(finding, refuted))],
    },
    coverage,
    checklist: checklistOf(inputs, shown, coverage),
    requirements: requirementLedger(
      inputs.requirements,
      results.flatMap(({ requirements }) => requirements),
      prepared.files,
    ),
    mustCheck: mustCheckStates(
      prepared,
      results.flatMap(({ checks }) => checks),
    ),
    usage: [...results.map(({ usage }) => usage), ...part.doubts.map(({ usage }) => usage)].reduce(addUsage, noUsage),
    cost: part.cost,
    receipt: {
      ...part.engineFacts,
      model: part.run === null ? null : choices.model,
      seed: choices.seed,
      passes: part.run?.passes ?? 0,
      promptVersions: reviewPrompts,
      promptHashes: [
        ...results.flatMap(({ promptHashes }) => promptHashes),
        ...part.doubts.map(({ promptHash }) => promptHash),
      ],
      headSha: inputs.headSha,
      baseSha: inputs.baseSha,
      inputHash: choices.inputHash,
      startedAt: choices.startedAt,
      endedAt: world.clock.now(),
    },
    shortfall: part.shortfall,
    notes:
      inputs.unlistedFiles > 0 ? [`GitHub lists only 3,000 files: ${inputs.unlistedFiles} were not looked at.`] : [],
  }
  const reviewed = new Set(
    coverage.filter(({ state }) => state === 'reviewed').map(({ path, hunk }) => `${path}\n${hunk}`),
  )
  const seen = lineKeysOf(prepared.files, (path, hunk) => reviewed.has(`${path}\n${hunk}`))
  return { result, seen, ratio: learnFrom(ratio, results) }
}

async function modelPart(
  prepared: Prepared,
  choices: ReviewChoices,
  { acquire, ...world }: ReviewWorld,
  secondModel: string | null,
): Promise<ModelPart> {
  if (prepared.pieces.length === 0) return nothing
  if (acquire === null) {
    return { ...nothing, engine: 'not-configured', shortfall: 'No model review: no engine is configured.' }
  }
  let lease: EngineLease | undefined
  try {
    const { load, parallel } = modelSettings(choices.model)
    const slotsWanted = Math.min(parallel, prepared.pieces.length)
    lease = await acquire({ model: choices.model, load, slotsWanted })
  } catch (error) {
    world.signal.throwIfAborted()
    const isBudget = error instanceof StoreError && error.code === 'budget-reached'
    // Everything else (a lost fence, a torn store) is not about engines.
    if (!isBudget && !(error instanceof PodsError) && !(error instanceof ModelError)) throw error
    return {
      ...nothing,
      engine: 'failed',
      unasked: isBudget ? 'budget' : 'no-model',
      shortfall: `No model review: ${reasonOf(error)}`,
    }
  }
  let held = lease
  // One pod serves one model: the first is given back before the second is asked for.
  const acquireSecond = async (model: string): Promise<EngineLease> => {
    await held.release()
    const { load, parallel } = modelSettings(model)
    held = await acquire({ model, load, slotsWanted: parallel })
    return held
  }
  const second = secondModel === null || secondModel === choices.model ? null : () => acquireSecond(secondModel)
  try {
    return await runModelPart(prepared, choices, world, lease, second)
  } finally {
    await held.release()
  }
}

const nothing: ModelPart = {
  engine: 'used',
  run: null,
  findings: [],
  doubts: [],
  cost: { microUsd: microUsd(0), gpuMs: 0 },
  engineFacts: { digest: null, pod: null, gpu: null },
  unasked: 'no-model',
  shortfall: null,
}

function refutation(finding: VotedFinding, refuted: ReadonlyMap<string, DoubtResult>) {
  const doubt = refuted.get(finding.id)
  if (doubt === undefined) return []
  return [
    {
      finding,
      reason: 'refuted' as const,
      because: `a second look refutes it with \`${doubt.because.replaceAll('`', "'")}\``,
    },
  ]
}

function mustCheckStates(
  { mustCheck }: Prepared,
  answers: readonly {
    readonly id: string
    readonly verdict: 'fine' | 'problem' | 'cannot-tell'
    readonly reason: string
  }[],
): MustCheckState[] {
  const worst = ['problem', 'cannot-tell', 'fine'] as const
  return mustCheck.map(({ id, question }) => {
    const own = answers.filter((answer) => answer.id === id)
    const answer = worst.flatMap((verdict) => own.find((each) => each.verdict === verdict) ?? [])[0]
    return { id, question, verdict: answer?.verdict ?? 'unanswered', reason: answer?.reason ?? '' }
  })
}
