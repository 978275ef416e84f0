import type { RuleId, RuleLevel } from '../config/rule-ids.ts'

export type RuleStatus = 'pass' | 'fail' | 'unknown' | 'skip'

/** A place in the head tree. */
export interface Place {
  readonly path: string
  readonly line: number
}

/** How a failing rule is put right: by a machine-made step, or by somebody's judgement. */
export interface Remedy {
  readonly kind: 'mechanical' | 'judgement'
  readonly text: string
  /** Who can do it, in words: "the author", "a plan owner (@ada)". */
  readonly who: string
}

/** What one rule says about one snapshot. */
export interface Outcome {
  readonly status: RuleStatus
  /** One sentence with the values that decided. */
  readonly message: string
  /** Values the rule looked at, by name, as a reader wants to see them. */
  readonly values: Readonly<Record<string, string>>
  readonly where: readonly Place[]
  readonly remedy: Remedy | null
}

export interface Waived {
  readonly by: string
  readonly reason: string
}

export interface RuleVerdict extends Outcome {
  readonly id: RuleId
  readonly level: Exclude<RuleLevel, 'off'>
  /** Set when somebody waived this rule for this head SHA; the outcome stays visible. */
  readonly waived: Waived | null
}

/** One step of the shortest path to green. */
export interface PathStep {
  readonly text: string
  readonly who: string
}

export type Conclusion = 'success' | 'failure' | 'neutral' | 'error'

/** What governance says about a snapshot under a policy. Plain JSON; the same inputs give the same bytes. */
export interface Verdict {
  readonly conclusion: Conclusion
  /** Number of unwaived failing plan rules. */
  readonly drift: number
  readonly rules: readonly RuleVerdict[]
  /** The smallest set of actions found that turns the verdict green, in order. Empty when it is green. */
  readonly shortestPath: readonly PathStep[]
  /** False when no action that can be computed leads all the way to green; `shortestPath` then goes as far as it can. */
  readonly pathReachesGreen: boolean
  readonly snapshotHash: string
  readonly policyHash: string
}

/** Not good: a rule that failed, or one that could not tell. */
export function isRed(outcome: Pick<Outcome, 'status'>): boolean {
  return outcome.status === 'fail' || outcome.status === 'unknown'
}

/** True when this rule holds the change. */
export function isHolding(verdict: RuleVerdict): boolean {
  return verdict.level === 'block' && isRed(verdict) && verdict.waived === null
}
