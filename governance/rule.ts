import type { RuleId } from '../config/rule-ids.ts'
import type { Snapshot } from './snapshot.ts'
import type { Outcome, Place, Remedy } from './verdict.ts'
import type { View } from './view.ts'

/** Kinds of facts that events change. Every rule reads `head`, because a verdict belongs to one head SHA. */
export type Trigger =
  | 'head'
  | 'branch'
  | 'target'
  | 'body'
  | 'files'
  | 'commits'
  | 'reviews'
  | 'checks'
  | 'base'
  | 'merged'
  | 'open'
  | 'direct-push'
  | 'clock'

/** In which order fixes make sense: a push voids approvals and waivers, so they come last. */
export type FixKind = 'push' | 'edit' | 'check' | 'owner-approval' | 'approval' | 'waiver'

/** A step that could turn a rule, with what it would change: the next evaluation decides whether it does. */
export interface Fix {
  readonly kind: FixKind
  readonly text: string
  readonly who: string
  apply(snapshot: Snapshot): Snapshot
}

export interface Rule {
  readonly id: RuleId
  readonly reads: readonly Trigger[]
  /** May throw `CannotTell`, and nothing else. */
  evaluate(view: View): Outcome
  /** Steps that could turn a failing rule, the likeliest first. Called only after `fail`. */
  fixes?(view: View): readonly Fix[]
}

/** Ends the evaluation of one rule: what it reads cannot be seen, or there is nothing to judge. */
export class CannotTell extends Error {
  readonly status: 'skip' | 'unknown'
  readonly remedy: Remedy | null

  constructor(status: 'skip' | 'unknown', message: string, remedy?: Remedy) {
    super(message)
    this.name = 'CannotTell'
    this.status = status
    this.remedy = status === 'skip' ? null : (remedy ?? checkAgain)
  }
}

type Values = Readonly<Record<string, string>>

export function pass(message: string, values: Values = {}): Outcome {
  return { status: 'pass', message, values, where: [], remedy: null }
}

export function skip(message: string): Outcome {
  return { status: 'skip', message, values: {}, where: [], remedy: null }
}

/** A finding: what decides could not be known. */
export function unknown(
  message: string,
  remedy: Remedy,
  details: { values?: Values; where?: readonly Place[] } = {},
): Outcome {
  return { status: 'unknown', message, values: details.values ?? {}, where: details.where ?? [], remedy }
}

export function fail(message: string, details: { values?: Values; where?: readonly Place[]; remedy: Remedy }): Outcome {
  return { status: 'fail', message, values: details.values ?? {}, where: details.where ?? [], remedy: details.remedy }
}

export function mechanical(text: string, who = 'the author'): Remedy {
  return { kind: 'mechanical', text, who }
}

export function judgement(text: string, who = 'the author'): Remedy {
  return { kind: 'judgement', text, who }
}

/** For what could not be read: it may be there next time. */
export const checkAgain = judgement(
  'Run the check again; if it stays, look at why this could not be read',
  'anybody with write access',
)
