import type { Category, Severity } from '../finding.ts'
import type { LineKeys } from './line-keys.ts'

/** A finding that an earlier review of this pull request showed. */
export interface EarlierFinding {
  readonly id: string
  readonly path: string
  readonly line: number | null
  readonly severity: Severity
  readonly category: Category
  readonly title: string
  readonly quote: string
  readonly suggestion?: string
}

export interface Dismissal {
  readonly id: string
  /** Who, and how: a command, a 👎, a resolved thread. */
  readonly because: string
  /**
   * True for a command, which only those who may start reviews can give. A 👎 or a resolved thread is anybody's: it keeps the finding from
   * being repeated, but a severe one stays open and counts.
   */
  readonly isSettled: boolean
}

/** What is remembered of the earlier rounds of one pull request. */
export interface Memory {
  /** Reviews that ended with an answer. */
  readonly rounds: number
  /** Each id once, the newest wording. */
  readonly earlier: readonly EarlierFinding[]
  readonly dismissals: readonly Dismissal[]
  readonly seen: LineKeys
}

export const emptyMemory: Memory = { rounds: 0, earlier: [], dismissals: [], seen: {} }
