import type { ReviewConfig } from '../config/resolved-config.ts'
import { ModelError, PodsError, StoreError } from '../ports/errors.ts'
import { microUsd } from '../ports/money.ts'
import { type AskResult, askChange } from './ask.ts'
import { noUsage } from './find/piece.ts'
import type { ReviewInputs } from './gather/inputs.ts'
import { modelSettings } from './models.ts'
import { prepare } from './prepare.ts'
import { readOnce } from './read-once.ts'
import { reasonOf } from './reason.ts'
import { maskedReader } from './secrets/masked-reader.ts'
import { secretlintScanner } from './secrets/secretlint.ts'
import type { ReviewCost } from './result.ts'
import type { ReviewChoices, ReviewWorld } from './world.ts'

/** An answer with what it cost and what was not read for it. */
export interface AskRun extends AskResult {
  readonly cost: ReviewCost
  readonly model: string | null
  readonly digest: string | null
  readonly pod: string | null
  /** Hunks left out by rule, and hunks that had no room. */
  readonly leftOut: number
  readonly unread: number
}

/** `/devloop ask`: answers a question about a change with the same gathering, packing and honesty as a review. */
export async function runAsk(
  question: string,
  inputs: ReviewInputs,
  config: ReviewConfig,
  choices: ReviewChoices,
  outside: ReviewWorld,
): Promise<AskRun> {
  const world = { ...outside, readHead: readOnce(maskedReader(outside.readHead, secretlintScanner)) }
  const settings = modelSettings(choices.model)
  const { ratio, mark, maxPrompts } = choices
  const prepared = await prepare(inputs, { config, settings, ratio, mark, maxPrompts, readHead: world.readHead })
  const none: AskRun = {
    answer: null,
    evidence: [],
    partsRead: 0,
    partsAll: prepared.pieces.length,
    usage: noUsage,
    promptHashes: [],
    problem: null,
    cost: { microUsd: microUsd(0), gpuMs: 0 },
    model: null,
    digest: null,
    pod: null,
    leftOut: prepared.skipped.length,
    unread: prepared.packing.hunks.filter(({ missing }) => missing !== null).length,
  }
  if (prepared.pieces.length === 0) return { ...none, problem: 'This change has no code that a model could read.' }
  if (world.acquire === null) return { ...none, problem: 'No engine is configured.' }
  const { acquire } = world
  const slotsWanted = Math.min(settings.parallel, prepared.pieces.length)
  const lease = await acquire({ model: choices.model, load: settings.load, slotsWanted }).catch((error: unknown) => {
    world.signal.throwIfAborted()
    const isBudget = error instanceof StoreError && error.code === 'budget-reached'
    if (isBudget || error instanceof PodsError || error instanceof ModelError) return reasonOf(error)
    throw error
  })
  if (typeof lease === 'string') return { ...none, problem: lease }
  try {
    const result = await askChange(prepared.mask(question), prepared, choices, world, lease)
    const { digest, podName } = lease
    return { ...none, ...result, cost: lease.costSoFar(), model: choices.model, digest, pod: podName }
  } finally {
    await lease.release()
  }
}
