import type { PlanVersion } from './version.ts'

export type PhaseState = 'done' | 'current' | 'open'

/** Offsets into `Plan.source`, end exclusive. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface SubItem {
  readonly text: string
  /** Null when it has no check box. */
  readonly done: boolean | null
}

/** What a task says about itself in `{...}` or in sub-items. */
export interface TaskScope {
  readonly paths: readonly string[]
  readonly depends: readonly string[]
  readonly cites: readonly string[]
  readonly issues: readonly number[]
  /** Why the task is put off; null when it is not. */
  readonly deferred: string | null
  /** Keys that mean nothing here, kept as they were written. */
  readonly other: readonly string[]
}

/** A check box inside a phase. */
export interface Task extends TaskScope {
  /** Null for a box without an id: it cannot be cited. */
  readonly id: string | null
  /** Markdown, on one line, without id, scope and evidence. */
  readonly text: string
  readonly done: boolean
  /** Trailing links and numbers that show how it was done. */
  readonly evidence: readonly string[]
  readonly subItems: readonly SubItem[]
  /** Number of the phase it stands in. */
  readonly phase: number
  /** 1-based. */
  readonly line: number
  readonly place: {
    /** From `[` of the box to the end of its text. */
    readonly range: Range
    /** The scope as the braces say it, without what sub-items add. */
    readonly braces: TaskScope
  }
}

/** What is left of a task id that was removed or renumbered. */
export interface Tombstone {
  readonly id: string
  /** The id that took its place; null when it was removed. */
  readonly movedTo: string | null
  readonly reason: string | null
  readonly line: number
}

export interface Phase {
  readonly number: number
  readonly title: string
  readonly state: PhaseState
  readonly tasks: readonly Task[]
  readonly line: number
  /** Null for a phase known only from a roadmap. */
  readonly range: Range | null
  /** Every line that declares it: its heading, and lines of a roadmap. */
  readonly lines: readonly number[]
}

export interface PlanProblem {
  readonly path: string
  /** 1-based. */
  readonly line: number
  /** One sentence: what stands there and what was expected. */
  readonly message: string
  readonly code:
    | 'front-matter'
    | 'version'
    | 'duplicate-id'
    | 'duplicate-phase'
    | 'scope'
    | 'state'
    | 'outside-phase'
    | 'unreadable'
}

export interface VersionClaim {
  readonly by: 'file name' | 'title' | 'front matter'
  readonly version: PlanVersion
  readonly line: number
}

/** One plan file, parsed. Plain values; the text it came from is kept, so that edits touch only what they must. */
export interface Plan {
  readonly path: string
  readonly title: string
  /** By front matter, else file name, else title; null when none names one. */
  readonly version: PlanVersion | null
  readonly versionClaims: readonly VersionClaim[]
  /** YYYY-MM-DD. */
  readonly date: string | null
  readonly owners: readonly string[]
  readonly phases: readonly Phase[]
  /** All tasks, in the order of the file. */
  readonly tasks: readonly Task[]
  readonly tombstones: readonly Tombstone[]
  readonly problems: readonly PlanProblem[]
  /** The text without a byte order mark. */
  readonly source: string
  /** Places that do not count as content: where they stand and what the semantic hash reads instead. */
  readonly free: readonly Splice[]
  readonly versionPlaces: readonly (Range & { readonly by: 'title' | 'front matter' })[]
  readonly datePlaces: readonly Range[]
}

/** A piece of the source and what is read in its place. */
export interface Splice extends Range {
  readonly text: string
}

/** The phase work is going on in: the one marked current, else the first that is not done. */
export function currentPhase(plan: Plan): Phase | undefined {
  return plan.phases.find((phase) => phase.state === 'current')
}

/** A task that needs no more work in this plan. */
export function isSettled(task: Pick<Task, 'done' | 'deferred'>): boolean {
  return task.done || task.deferred !== null
}
