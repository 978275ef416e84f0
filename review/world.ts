import type { Clock } from '../ports/clock.ts'
import type { EngineLease, LoadOptions } from '../ports/model.ts'
import type { MicroUsd } from '../ports/money.ts'
import type { TokenRatio } from './pack/token-ratio.ts'

/** What a review needs of the outside; the job, the terminal and the Action each bring their own. */
export interface ReviewWorld {
  readonly clock: Clock
  /** Aborts on cancel, deadline and drain: the review then throws its reason. */
  readonly signal: AbortSignal
  /**
   * Rents or borrows an engine; null when none is configured. Its errors end the model part, not the review.
   */
  readonly acquire: ((wish: EngineWish) => Promise<EngineLease>) | null
  /** Runs `body` once in the life of the review and answers its recorded value, plain JSON, ever after. */
  readonly step: <T>(name: string, body: () => Promise<T>) => Promise<T>
  /** The text of a file at the head; null when it does not exist or cannot be read. */
  readonly readHead: (path: string) => Promise<string | null>
  /** All paths of the head tree; null when they cannot be had. Asked at most once, and only when a finding names a path. */
  readonly listHeadPaths: () => Promise<ReadonlySet<string> | null>
  readonly onProgress: (progress: ReviewProgress) => void
  /** Whether an engine that died may be replaced by starting over: then its error is thrown, finished pieces kept. */
  readonly mayRestart: boolean
}

export interface EngineWish {
  readonly slotsWanted: number
  readonly load: LoadOptions
  readonly model: string
}

export interface ReviewProgress {
  readonly phase: 'waiting' | 'reading' | 'doubting'
  readonly promptsDone: number
  readonly promptsAll: number
  readonly filesDone: number
  readonly filesAll: number
  readonly spentMicroUsd: MicroUsd
}

/** What the caller decides about one review. */
export interface ReviewChoices {
  readonly model: string
  readonly seed: number
  /** Unguessable to the author of the change; sets strangers' text apart in prompts. */
  readonly mark: string
  readonly ratio: TokenRatio
  readonly maxPrompts: number
  /** Passes over the change in all; more than one only while `maxMicroUsd` leaves room. */
  readonly passes: number
  readonly maxMicroUsd: MicroUsd
  readonly startedAt: number
  readonly inputHash: string
}
