/** A comment on the conversation of an issue or pull request. */
export interface IssueComment {
  readonly id: number
  readonly issueNumber: number
  readonly authorLogin: string
  readonly viaAppId: number | null
  readonly createdAt: string
  body: string
  updatedAt: string
}

export type ReviewState = 'PENDING' | 'COMMENTED' | 'APPROVED' | 'CHANGES_REQUESTED' | 'DISMISSED'

export interface Review {
  readonly id: number
  readonly pullRequestNumber: number
  readonly authorLogin: string
  readonly viaAppId: number | null
  readonly commitId: string
  body: string
  state: ReviewState
  submittedAt: string | null
  updatedAt: string
}

export type Side = 'LEFT' | 'RIGHT'

/** A comment on lines of the diff, as placed on the commit it was written for. */
export interface ReviewComment {
  readonly id: number
  readonly reviewId: number
  readonly pullRequestNumber: number
  readonly threadId: number
  readonly authorLogin: string
  readonly path: string
  readonly originalCommitId: string
  readonly originalPosition: number
  readonly originalLine: number
  readonly originalStartLine: number | null
  readonly side: Side
  readonly startSide: Side | null
  readonly subjectType: 'line' | 'file'
  readonly diffHunk: string
  readonly inReplyToId: number | null
  readonly createdAt: string
  body: string
  updatedAt: string
  /** Where it stands on the current head; null once the lines are gone (GitHub says outdated). */
  commitId: string
  line: number | null
  startLine: number | null
  position: number | null
}

/** The comments below one place; resolved as a whole. */
export interface ReviewThread {
  readonly id: number
  readonly nodeId: string
  readonly pullRequestNumber: number
  resolvedBy: string | null
}

export const reactionContents = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const
export type ReactionContent = (typeof reactionContents)[number]

export interface Reaction {
  readonly id: number
  readonly subject: ReactionSubject
  readonly subjectId: number
  readonly login: string
  readonly content: ReactionContent
  readonly createdAt: string
}

/** What can be reacted to; an issue is known by its number, a comment by its id. */
export type ReactionSubject = 'issue' | 'issueComment' | 'reviewComment'
