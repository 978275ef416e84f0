import { randomBytes } from 'node:crypto'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { type EngineWish, withEngines } from './one-shot.ts'
import { microUsd } from '../ports/money.ts'
import { maxPromptsFor } from '../review/budget.ts'
import type { ReviewInputs } from '../review/gather/inputs.ts'
import { unlearnedRatio } from '../review/pack/token-ratio.ts'
import { runReview } from '../review/pipeline.ts'
import { inputHash } from '../review/rank/input-hash.ts'
import type { ReviewWorld } from '../review/world.ts'

/** A change and where its head can be read. */
export interface ReviewSource extends Pick<ReviewWorld, 'readHead' | 'listHeadPaths'> {
  readonly inputs: ReviewInputs
  readonly config: ResolvedConfig
}

const WAIT_MS = 30 * 60_000

/** A review that is written nowhere but in this run. */
export function quietReview(
  { inputs, config, readHead, listHeadPaths }: ReviewSource,
  wish: EngineWish,
  onProgress: ReviewWorld['onProgress'] = () => {},
) {
  const model = wish.model ?? config.review.model
  const maxMicroUsd = microUsd(Math.min(config.budget.perJobMicroUsd, wish.maxCostMicroUsd ?? Number.MAX_SAFE_INTEGER))
  return withEngines(wish, async ({ engines, clock, random }) => {
    const startedAt = clock.now()
    const jobId = random.ulid(startedAt)
    const { result } = await runReview(
      inputs,
      config.review,
      {
        model,
        seed: randomBytes(3).readUIntBE(0, 3),
        mark: random.hex(6),
        ratio: unlearnedRatio,
        maxPrompts: maxPromptsFor(maxMicroUsd, config.fleet.maxMicroUsdPerHour),
        passes: 2,
        maxMicroUsd,
        startedAt,
        inputHash: inputHash(inputs.diff, {
          config: config.review,
          model,
          focus: inputs.focus,
          guidelines: inputs.guidelines.map(({ source, text }) => `${source}\n${text}`),
        }),
      },
      {
        clock,
        signal: wish.signal,
        acquire: (need) =>
          engines.acquire(
            {
              ...need,
              jobId,
              repository: null,
              user: null,
              deadlineAt: startedAt + WAIT_MS,
              maxCostMicroUsd: maxMicroUsd,
              ...(wish.onPhase === undefined ? {} : { onPhase: wish.onPhase }),
            },
            wish.signal,
          ),
        step: (_name, body) => body(),
        readHead,
        listHeadPaths,
        onProgress,
        mayRestart: false,
      },
    )
    return result
  })
}
