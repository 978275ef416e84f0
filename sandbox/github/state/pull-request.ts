/** The change half of a pull request; its conversation is the issue of the same number. */
export interface PullRequest {
  readonly id: number
  readonly number: number
  readonly headRef: string
  readonly headOwnerLogin: string
  /** Null once the fork is deleted. */
  headRepositoryId: number | null
  headSha: string
  baseRef: string
  /** Where the base branch stood when the pull request was opened, retargeted or last pushed to. */
  baseSha: string
  draft: boolean
  maintainerCanModify: boolean
  requestedReviewers: string[]
  mergedAt: string | null
  mergedBy: string | null
  mergeCommitSha: string | null
  readonly pushes: Push[]
}

/** One push to the head: by whom, and from where to where. */
export interface Push {
  readonly id: number
  readonly before: string
  readonly after: string
  readonly login: string
  readonly at: string
}

export type MergeMethod = 'merge' | 'squash' | 'rebase'
