import type { Clock, Random } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { MicroUsd } from '../../ports/money.ts'
import type { Queue } from '../../ports/queue.ts'
import type { ApiKeyRow, KeyScope, Store } from '../../ports/store.ts'

/** The numbers that are watched, as `GET /status` has them. */
export interface DashboardStatus {
  readonly queue: { readonly waiting: number; readonly active: number }
  readonly cost: { readonly todayUsd: number; readonly monthUsd: number }
  readonly metrics: {
    readonly idleSpendRatio: number | null
    readonly spinUpP95Ms: number | null
    readonly inferenceP95Ms: number | null
    readonly usdPerJob: number | null
    readonly planDrift: number | null
  }
}

/** Starts and ends pods on the word of a signed-in person. */
export interface DashboardFleet {
  start(): Promise<void>
  /** Drains; with `force` ends every pod now. `by` goes into the reason. */
  stop(wish: { readonly force: boolean; readonly by: string }): Promise<void>
}

/** Log-in with GitHub through the App's own OAuth client. */
export interface DashboardGithub {
  readonly clientId: string
  readonly clientSecret: { reveal(): string }
  readonly apiUrl: string
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** What this person may do here; none when there is nothing of theirs in any installation. */
  readonly scopesOf: (login: string, organizations: readonly string[]) => Promise<readonly KeyScope[]>
}

/** What the dashboard is put together from. */
export interface DashboardParts {
  readonly store: Store
  readonly queue: Pick<Queue, 'depth'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly version: string
  readonly startedAt: number
  readonly budget: { readonly perDayMicroUsd: MicroUsd; readonly perMonthMicroUsd: MicroUsd }
  readonly idle: { readonly policy: string; readonly maxMinutes: number }
  readonly defaultModel: string
  /** `runpod`, or the address of a fixed engine. */
  readonly engine: string
  /** Where people look at pull requests, e.g. `https://github.com`; null without GitHub. */
  readonly githubWebUrl: string | null
  /** The embedded database was torn and an empty one took its place. */
  readonly recovered: boolean
  readonly readStatus: () => Promise<DashboardStatus>
  readonly findKey: (key: string) => Promise<ApiKeyRow | undefined>
  readonly fleet: DashboardFleet
  readonly github: DashboardGithub | null
  /** Where browsers reach the server, when that is configured; over https the cookie says so. */
  readonly publicUrl: string | null
  /** See `createSessionSecret`. */
  readonly sessionPepper: string
}
