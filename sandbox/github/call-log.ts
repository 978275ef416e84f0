/** One request to the API, as it was answered. */
export interface LoggedCall {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** The operation, if there is one for this path. */
  readonly operation: string | undefined
  readonly caller: string
  readonly status: number
  readonly requestBytes: number
  readonly responseBytes: number
  readonly durationMs: number
}
