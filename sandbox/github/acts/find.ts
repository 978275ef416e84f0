import { notFound } from '../api-error.ts'
import type { CheckRun, CheckSuite } from '../state/check.ts'
import type { IssueComment, Review, ReviewComment } from '../state/conversation.ts'
import type { Issue } from '../state/issue.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'

function orNotFound<T>(value: T | undefined): T {
  if (value === undefined) throw notFound()
  return value
}

export function issueOf(repository: Repository, number: number): Issue {
  return orNotFound(repository.issues.get(number))
}

export function pullRequestOf(repository: Repository, number: number): PullRequest {
  return orNotFound(repository.pullRequests.get(number))
}

export function issueCommentOf(repository: Repository, id: number): IssueComment {
  return orNotFound(repository.issueComments.get(id))
}

export function reviewOf(repository: Repository, pullRequestNumber: number, id: number): Review {
  const review = orNotFound(repository.reviews.get(id))
  if (review.pullRequestNumber !== pullRequestNumber) throw notFound()
  return review
}

export function reviewCommentOf(repository: Repository, id: number): ReviewComment {
  return orNotFound(repository.reviewComments.get(id))
}

export function checkRunOf(repository: Repository, id: number): CheckRun {
  return orNotFound(repository.runs.get(id))
}

export function suiteOf(repository: Repository, id: number): CheckSuite {
  return orNotFound(repository.suites.get(id))
}
