import type { Break } from './process-order.ts'
import type { ProviderAddress } from './fleet-parts.ts'

/** What one replica of a chaos run is told when it starts. */
export interface WorkerOrder {
  readonly name: string
  readonly runpod: ProviderAddress
  /** Absent: the embedded database in `dataDir`. */
  readonly databaseUrl?: string
  readonly dataDir: string
  /** A line per finished job, and one per job that was given up. */
  readonly sink: string
  readonly failures: string
  readonly crashAt: string | null
  readonly loud: boolean
  readonly break: Break
  /** How far the clock of its machine is off. */
  readonly clockOffsetMs: number
}

export interface LedgerReport {
  /** All that was spent, bills included, and by the clock alone. */
  readonly ledgerMicroUsd: number
  readonly clockMicroUsd: number
  /** Pods that cost something and whose bill was never read. */
  readonly unbilled: number
  /** What the clock says of each settled pod, by name. */
  readonly byClock: Readonly<Record<string, number>>
}

export type ToWorker =
  | { readonly kind: 'submit'; readonly id: string }
  | { readonly kind: 'report' }
  | { readonly kind: 'set-clock'; readonly offsetMs: number }
  | { readonly kind: 'end' }

export type FromWorker =
  | { readonly kind: 'up' }
  | { readonly kind: 'accepted'; readonly id: string }
  | ({ readonly kind: 'report'; readonly livePods: number } & LedgerReport)
