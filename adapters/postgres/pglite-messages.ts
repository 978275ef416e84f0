/** What the thread is started with. */
export interface ThreadOrder {
  readonly files: string
  /** As PostgreSQL's command line has them, beside what PGlite itself needs. */
  readonly settings: readonly string[]
}

export type Wish =
  | {
      readonly kind: 'query'
      readonly text: string
      readonly values: readonly unknown[]
      readonly transaction?: number
    }
  | { readonly kind: 'exec'; readonly text: string; readonly transaction?: number }
  /** Answered when the transaction is open; the number of the wish is then its own. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'end'; readonly transaction: number; readonly how: 'commit' | 'rollback' }
  /** The number of the wish is then the listener's own. */
  | { readonly kind: 'listen'; readonly channel: string }
  | { readonly kind: 'unlisten'; readonly listener: number }
  | { readonly kind: 'close' }

/** To the thread: carried out in the order of their arrival. */
export interface Asked {
  readonly id: number
  readonly wish: Wish
}

/** From the thread. */
export type Told =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly error: PlainError }
  | { readonly kind: 'done'; readonly id: number; readonly rows: readonly object[] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError }
  | { readonly kind: 'heard'; readonly listener: number; readonly payload: string }

/** An error as it passes between threads: of an error itself only the sentence and the stack would arrive, not PostgreSQL's code. */
export interface PlainError {
  readonly message: string
  readonly stack: string | undefined
  readonly facts: Readonly<Record<string, unknown>>
}

export function toPlain(error: unknown): PlainError {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, facts: {} }
  const facts = Object.entries(error).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return { message: error.message, stack: error.stack, facts: Object.fromEntries(facts) }
}

export function fromPlain({ message, stack, facts }: PlainError): Error {
  return Object.assign(new Error(message), facts, stack === undefined ? {} : { stack })
}
