import { defaultConfig } from '../../config/resolved-config.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EngineLease, ModelEngine } from '../../ports/model.ts'
import { microUsd } from '../../ports/money.ts'
import { localInputs } from '../../review/gather/local-inputs.ts'
import { modelSettings } from '../../review/models.ts'
import { unlearnedRatio } from '../../review/pack/token-ratio.ts'
import { type ReviewRun, runReview } from '../../review/pipeline.ts'

export interface Change {
  readonly diff: string
  readonly title: string
  readonly description: string
  /** Texts at the head by path. */
  readonly head: ReadonlyMap<string, string>
}

export interface BenchEngine {
  readonly engine: ModelEngine
  readonly model: string
  readonly clock: Clock
  readonly passes?: number
  readonly maxPrompts?: number
  /** Calls that may run side by side; by default as many as the model is served with. */
  readonly slots?: number
}

/** Reviews one change on a fixed engine, as the terminal does; nothing is recorded and nothing rented. */
export function reviewChange(change: Change, bench: BenchEngine): Promise<ReviewRun> {
  const { engine, model, clock, passes = 1, maxPrompts = 400 } = bench
  const slots = bench.slots ?? modelSettings(model).parallel
  const lease = leaseOf(engine, model, slots)
  const inputs = localInputs({
    diff: change.diff,
    headSha: 'a'.repeat(40),
    baseSha: 'b'.repeat(40),
    title: change.title,
    description: change.description,
    focus: null,
    documents: { agents: null, attributes: null, architecture: null },
  })
  const choices = {
    model,
    seed: 1,
    mark: '5ca1ab1e0ff1ce',
    ratio: unlearnedRatio,
    maxPrompts,
    passes,
    maxMicroUsd: microUsd(0),
    startedAt: clock.now(),
    inputHash: '0'.repeat(64),
  }
  return runReview(inputs, defaultConfig().review, choices, {
    clock,
    signal: new AbortController().signal,
    acquire: async () => lease,
    step: (_name, body) => body(),
    readHead: async (path) => change.head.get(path) ?? null,
    listHeadPaths: async () => new Set(change.head.keys()),
    onProgress: () => {},
    mayRestart: false,
  })
}

function leaseOf(engine: ModelEngine, model: string, slots: number): EngineLease {
  return {
    engine,
    address: { url: '', token: null },
    model,
    digest: null,
    podName: null,
    gpu: null,
    microUsdPerHour: microUsd(0),
    slots,
    readyAt: 0,
    lost: new AbortController().signal,
    costSoFar: () => ({ microUsd: microUsd(0), gpuMs: 0 }),
    release: async () => {},
  }
}
