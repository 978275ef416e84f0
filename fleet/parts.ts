import type { Clock, Random } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { EngineAddress, ModelEngine } from '../ports/model.ts'
import type { GuardClient, PodMarket, PodProvider } from '../ports/pods.ts'
import type { MoneyJournal, Store } from '../ports/store.ts'

/** The world as the fleet sees it. */
export interface FleetParts {
  readonly store: Store
  readonly provider: PodProvider
  /** Null: no catalogue, so prices are assumed to be at the ceiling until a pod shows its own. */
  readonly market: PodMarket | null
  readonly guard: GuardClient
  readonly journal: MoneyJournal
  readonly connect: (address: EngineAddress) => ModelEngine
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** This process among its replicas; a fresh one for each start. */
  readonly holder: string
  readonly holderPid: number | null
  /** Pod tokens are derived from it (the account key serves well: all replicas have it, and it is never stored). */
  readonly tokenSecret: string
  /** Told at every step boundary, so that a test can end the process exactly there. */
  readonly checkpoint?: (name: string) => void | Promise<void>
}
