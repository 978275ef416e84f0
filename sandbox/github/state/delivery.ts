/** One webhook as it was sent (or held back), with what came of it. */
export interface Delivery {
  readonly id: number
  readonly guid: string
  readonly appId: number
  readonly hookId: number
  readonly event: string
  readonly action: string | null
  readonly installationId: number | null
  readonly repositoryId: number | null
  readonly redelivery: boolean
  readonly deliveredAt: string
  readonly url: string
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly payload: string
  durationMs: number
  /** What GitHub shows: `OK`, or why not. */
  status: string
  /** 0 where nothing came back. */
  statusCode: number
  responseHeaders: Readonly<Record<string, string>>
  responseBody: string | null
}
