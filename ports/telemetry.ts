export type SpanFacts = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export interface SpanWish {
  /** Low in variety: a route template, not an address. */
  readonly name: string
  /** `server`: a call to us; `client`: one to somebody else; `consumer`: work that was waiting; `internal`: a step of ours. */
  readonly kind: 'server' | 'client' | 'consumer' | 'internal'
  readonly facts?: SpanFacts
  /** A `traceparent` to go on from, instead of the span that is active here. */
  readonly parent?: string | null
  /** When it really began, in milliseconds since the epoch, if before now. */
  readonly startedAt?: number
}

/** One step of a trace while it runs. */
export interface Span {
  /** W3C trace context of this span; null when nothing is recorded. */
  readonly traceparent: string | null
  set(facts: SpanFacts): void
  event(name: string, facts?: SpanFacts): void
  /** Marks it as failed where nothing is thrown; `type` is a code, low in variety. */
  fail(type: string): void
}

/** Where traces go. Never throws and never slows the work: what cannot be exported is dropped. */
export interface Telemetry {
  /** False for the one that records nothing: then nobody need prepare facts. */
  readonly isOn: boolean
  /** Records `body` as a span under the active one; a rejection marks it as failed and passes through. */
  span<T>(wish: SpanWish, body: (span: Span) => Promise<T>): Promise<T>
  /** The active span's `traceparent`, for work that goes on elsewhere. */
  active(): string | null
  /** Sends what is left, within some seconds. */
  close(): Promise<void>
}

const silentSpan: Span = { traceparent: null, set: () => {}, event: () => {}, fail: () => {} }

export const silentTelemetry: Telemetry = {
  isOn: false,
  span: (_wish, body) => body(silentSpan),
  active: () => null,
  close: async () => {},
}
