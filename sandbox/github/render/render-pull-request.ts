import type { JsonObject } from '../contracts/json.ts'
import type { PullRequestFacts } from '../acts/pull-request-facts.ts'
import type { Issue } from '../state/issue.ts'
import { associationOf } from '../state/permissions.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { nodeId } from './node-id.ts'
import { renderLogin } from './render-account.ts'
import { renderLabels } from './render-issue.ts'
import { renderRepository, repositoryUrl, repositoryWebUrl } from './render-repository.ts'

/** A pull request as lists show it. */
export function renderPullRequest(
  world: World,
  repository: Repository,
  pullRequest: PullRequest,
  issue: Issue,
): JsonObject {
  const { number } = pullRequest
  const base = repositoryUrl(world, repository)
  const url = `${base}/pulls/${number}`
  const issueUrl = `${base}/issues/${number}`
  const html = `${repositoryWebUrl(world, repository)}/pull/${number}`
  const statusesUrl = `${base}/statuses/${pullRequest.headSha}`
  const assignees = issue.assignees.map((login) => renderLogin(world, login))
  return {
    url,
    id: pullRequest.id,
    node_id: nodeId('PR', pullRequest.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issueUrl,
    number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: renderLogin(world, issue.authorLogin),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pullRequest.mergedAt,
    merge_commit_sha: pullRequest.mergeCommitSha,
    assignee: assignees[0] ?? null,
    assignees,
    requested_reviewers: pullRequest.requestedReviewers.map((login) => renderLogin(world, login)),
    requested_teams: [],
    labels: renderLabels(world, repository, issue),
    milestone: null,
    draft: pullRequest.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${base}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: statusesUrl,
    head: renderHead(world, pullRequest),
    base: {
      label: `${repository.ownerLogin}:${pullRequest.baseRef}`,
      ref: pullRequest.baseRef,
      sha: pullRequest.baseSha,
      user: renderLogin(world, repository.ownerLogin),
      repo: renderRepository(world, repository),
    },
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: issueUrl },
      comments: { href: `${issueUrl}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${base}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statusesUrl },
    },
    author_association: associationOf(world, repository, world.account(issue.authorLogin)),
    auto_merge: null,
    active_lock_reason: null,
  }
}

/** With what only `GET .../pulls/{number}` and webhooks carry. */
export function renderFullPullRequest(
  world: World,
  repository: Repository,
  subject: { pullRequest: PullRequest; issue: Issue; facts: PullRequestFacts },
): JsonObject {
  const { pullRequest, issue, facts } = subject
  const { number } = pullRequest
  return {
    ...renderPullRequest(world, repository, pullRequest, issue),
    merge_commit_sha: facts.mergeCommitSha,
    merged: pullRequest.mergedAt !== null,
    mergeable: facts.mergeable,
    rebaseable: facts.mergeable,
    mergeable_state: facts.mergeableState,
    merged_by: renderLogin(world, pullRequest.mergedBy),
    comments: [...repository.issueComments.values()].filter((comment) => comment.issueNumber === number).length,
    review_comments: [...repository.reviewComments.values()].filter((comment) => comment.pullRequestNumber === number)
      .length,
    maintainer_can_modify: pullRequest.maintainerCanModify,
    commits: facts.commits,
    additions: facts.additions,
    deletions: facts.deletions,
    changed_files: facts.changedFiles,
  }
}

/** The few fields that check runs and suites carry. */
export function renderPullRequestLink(world: World, repository: Repository, pullRequest: PullRequest): JsonObject {
  const repo = { id: repository.id, url: repositoryUrl(world, repository), name: repository.name }
  return {
    url: `${repositoryUrl(world, repository)}/pulls/${pullRequest.number}`,
    id: pullRequest.id,
    number: pullRequest.number,
    head: { ref: pullRequest.headRef, sha: pullRequest.headSha, repo },
    base: { ref: pullRequest.baseRef, sha: pullRequest.baseSha, repo },
  }
}

function renderHead(world: World, pullRequest: PullRequest): JsonObject {
  const repository =
    pullRequest.headRepositoryId === null ? undefined : world.repositories.get(pullRequest.headRepositoryId)
  return {
    label: `${pullRequest.headOwnerLogin}:${pullRequest.headRef}`,
    ref: pullRequest.headRef,
    sha: pullRequest.headSha,
    user: renderLogin(world, pullRequest.headOwnerLogin),
    repo: repository === undefined ? null : renderRepository(world, repository),
  }
}
