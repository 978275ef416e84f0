import type { CheckRun, CheckSuite, CommitStatus } from './check.ts'
import type { Issue, Label } from './issue.ts'
import type { IssueComment, Reaction, Review, ReviewComment, ReviewThread } from './conversation.ts'
import type { MergeGroup } from './merge-group.ts'
import type { PullRequest } from './pull-request.ts'

export type Role = 'read' | 'triage' | 'write' | 'maintain' | 'admin'

/** What must hold before a change may enter a branch. */
export interface BranchRule {
  /** A branch name, or a pattern ending in `/**`. */
  readonly pattern: string
  readonly requiredChecks: readonly string[]
  readonly requiredApprovals: number
  readonly mergeQueue: boolean
  /** A ruleset is visible to everyone; classic protection to admins alone. */
  readonly source: 'ruleset' | 'classic'
  readonly dismissStaleReviews: boolean
}

/** A repository: its settings, its conversations, and where its objects lie. */
export interface Repository {
  readonly id: number
  readonly ownerLogin: string
  readonly name: string
  readonly private: boolean
  readonly description: string | null
  readonly parentId: number | null
  /** The bare git repository on disk. */
  readonly gitDir: string
  readonly createdAt: string
  defaultBranch: string
  pushedAt: string
  updatedAt: string
  nextNumber: number
  readonly collaborators: Map<string, Role>
  readonly rules: BranchRule[]
  readonly labels: Map<string, Label>
  readonly issues: Map<number, Issue>
  readonly pullRequests: Map<number, PullRequest>
  readonly issueComments: Map<number, IssueComment>
  readonly reviews: Map<number, Review>
  readonly reviewComments: Map<number, ReviewComment>
  readonly threads: Map<number, ReviewThread>
  readonly reactions: Map<number, Reaction>
  readonly suites: Map<number, CheckSuite>
  readonly runs: Map<number, CheckRun>
  readonly statuses: CommitStatus[]
  readonly queue: MergeGroup[]
}

export function fullName(repository: Repository): string {
  return `${repository.ownerLogin}/${repository.name}`
}
