/** Ways in which the fleet can be made to count money wrongly, to show that the run finds it. */
export const BREAKS = ['none', 'unread-bills', 'from-running'] as const
export type Break = (typeof BREAKS)[number]

export interface ProcessOrder {
  readonly seed: number
  readonly seconds: number
  readonly store: 'pglite' | 'postgres'
  readonly loud: boolean
  readonly break: Break
  /** Sets the clock of single processes by minutes. */
  readonly clockJumps: boolean
}

export interface ProcessResult {
  readonly store: string
  readonly processes: number
  readonly seconds: number
  readonly kills: number
  readonly stops: number
  readonly clockJumps: number
  readonly crashPointsTried: number
  readonly creates: number
  readonly ambiguous: number
  readonly liveAtEnd: number
  readonly maxLive: number
  readonly unneededPodSeconds: number
  readonly jobs: number
  readonly done: number
  readonly lost: number
  readonly twice: number
  /** What the provider billed; what the ledger says at the end, bills included; and what it would say by the clock alone. */
  readonly billedUsd: number
  readonly ledgerUsd: number
  readonly clockUsd: number
  readonly ledgerPercent: number
  readonly clockPercent: number
  /** Pods that cost something and whose bill was never read. */
  readonly unbilled: number
  /** Pods whose cost by the clock is furthest from the bill, for whoever looks for the reason. */
  readonly furthest: readonly string[]
}
