/**
 * Who must act when something fails: the person who asked (a policy file, a comment, an input), whoever runs DevLoop (keys, quota,
 * balance), or nobody: the same call may be tried again later.
 */
export type ErrorOwner = 'user' | 'operator' | 'retry'

export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>

export interface ErrorDetails<Code extends string> {
  readonly code: Code
  /** One sentence: what was tried, what came. Never holds a secret. */
  readonly message: string
  /** One sentence: what to do now. */
  readonly remedy: string
  readonly owner: ErrorOwner
  readonly facts?: ErrorFacts
  /** The earliest moment at which trying again makes sense, as the other side said it. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** The base of every room's one error class. Callers switch on `code`, never on the text. */
export abstract class CodedError<Code extends string = string> extends Error {
  readonly code: Code
  readonly remedy: string
  readonly owner: ErrorOwner
  readonly facts: ErrorFacts
  readonly retryAfterMs: number | undefined

  constructor(details: ErrorDetails<Code>) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = new.target.name
    this.code = details.code
    this.remedy = details.remedy
    this.owner = details.owner
    this.facts = details.facts ?? {}
    this.retryAfterMs = details.retryAfterMs
  }
}

export function isCodedError(value: unknown): value is CodedError {
  return value instanceof CodedError
}

/** GitHub said no, or could not be heard. `unknown-outcome`: a write whose reply was lost; look before writing again. */
export type GithubErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'rate-limited'
  | 'invalid'
  | 'conflict'
  | 'unavailable'
  | 'unknown-outcome'
  | 'unreadable'
export class GithubError extends CodedError<GithubErrorCode> {}

/**
 * The pod provider said no. `no-capacity` and `pool-forbidden` go to the next candidate under a new name; `rule-broken`,
 * `unauthorized`, `no-balance` stop; `unknown-outcome`: a create that may have made a pod (list by name before anything else).
 */
export type PodsErrorCode =
  | 'no-capacity'
  | 'pool-forbidden'
  | 'rule-broken'
  | 'unauthorized'
  | 'no-balance'
  | 'not-found'
  | 'conflict'
  | 'rate-limited'
  | 'unavailable'
  | 'unknown-outcome'
  | 'unreadable'
export class PodsError extends CodedError<PodsErrorCode> {}

/** The model, or the road to it, failed. `incomplete`: the reply ended without `done`, or with `length`; never a result. */
export type ModelErrorCode =
  | 'too-long'
  | 'truncated-prompt'
  | 'incomplete'
  | 'output-limit'
  | 'model-missing'
  | 'refused-input'
  | 'busy'
  | 'crashed'
  | 'not-ready'
  | 'unauthorized'
  | 'aborted'
  | 'timeout'
  | 'unreadable'
  | 'reply-too-large'
export class ModelError extends CodedError<ModelErrorCode> {}

export type StoreErrorCode =
  | 'fence-lost'
  | 'conflict'
  | 'not-found'
  | 'locked'
  | 'newer-schema'
  | 'old-server'
  | 'unavailable'
  | 'unwritable'
  | 'budget-reached'
  | 'limit-reached'
export class StoreError extends CodedError<StoreErrorCode> {}
