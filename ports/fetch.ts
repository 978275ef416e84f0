/** The part of a request in use, so that undici's own `fetch`, the platform's and a test's fit alike. */
export interface FetchRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly signal: AbortSignal
  readonly redirect: 'error'
  readonly body?: string
}

export interface FetchReply {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** A reply that may also be read as it comes. */
export interface StreamedReply extends FetchReply {
  readonly body: AsyncIterable<Uint8Array> | null
}

export type Fetch<Reply extends FetchReply = FetchReply> = (url: string, request: FetchRequest) => Promise<Reply>
