import type { Issue } from '../state/issue.ts'
import type { PullRequest } from '../state/pull-request.ts'
import { fullName, type Repository } from '../state/repository.ts'

const closing = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:([\w.-]+\/[\w.-]+))?#(\d+)/gi

/** The issues a merge would close: closing keywords in the description, when the base is the default branch. */
export function closingIssues(repository: Repository, pullRequest: PullRequest): Issue[] {
  if (pullRequest.baseRef !== repository.defaultBranch) return []
  const body = repository.issues.get(pullRequest.number)?.body ?? ''
  return [...body.matchAll(closing)].flatMap(([, where, digits]) => {
    const issue = repository.issues.get(Number(digits))
    const isElsewhere = where !== undefined && where !== fullName(repository)
    return issue === undefined || isElsewhere || repository.pullRequests.has(issue.number) ? [] : [issue]
  })
}
