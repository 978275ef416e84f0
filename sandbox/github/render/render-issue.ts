import type { JsonObject } from '../contracts/json.ts'
import type { IssueComment, Reaction, ReactionSubject } from '../state/conversation.ts'
import { reactionContents } from '../state/conversation.ts'
import type { Issue, Label } from '../state/issue.ts'
import { associationOf } from '../state/permissions.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { nodeId } from './node-id.ts'
import { renderLogin } from './render-account.ts'
import { renderAppById } from './render-app.ts'
import { repositoryUrl, repositoryWebUrl } from './render-repository.ts'

export function renderLabel(world: World, repository: Repository, label: Label): JsonObject {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${repositoryUrl(world, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: label.isDefault,
    description: label.description,
  }
}

export function renderLabels(world: World, repository: Repository, issue: Issue): JsonObject[] {
  return issue.labels.flatMap((name) => {
    const label = repository.labels.get(name)
    return label === undefined ? [] : [renderLabel(world, repository, label)]
  })
}

export function renderIssue(world: World, repository: Repository, issue: Issue): JsonObject {
  const url = `${repositoryUrl(world, repository)}/issues/${issue.number}`
  const pullRequest = repository.pullRequests.get(issue.number)
  const html = `${repositoryWebUrl(world, repository)}/${pullRequest === undefined ? 'issues' : 'pull'}/${issue.number}`
  const assignees = issue.assignees.map((login) => renderLogin(world, login))
  return {
    url,
    repository_url: repositoryUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    id: issue.id,
    node_id: nodeId('I', issue.id),
    number: issue.number,
    title: issue.title,
    user: renderLogin(world, issue.authorLogin),
    labels: renderLabels(world, repository, issue),
    state: issue.state,
    state_reason: issue.stateReason,
    locked: false,
    assignee: assignees[0] ?? null,
    assignees,
    milestone: null,
    comments: [...repository.issueComments.values()].filter((comment) => comment.issueNumber === issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    closed_by: renderLogin(world, issue.closedBy),
    author_association: associationOf(world, repository, world.account(issue.authorLogin)),
    active_lock_reason: null,
    ...(pullRequest === undefined ? {} : renderPullRequestLinks(world, repository, pullRequest)),
    body: issue.body,
    reactions: renderReactionCounts(repository, 'issue', issue.number, `${url}/reactions`),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: renderAppById(world, issue.viaAppId),
  }
}

function renderPullRequestLinks(
  world: World,
  repository: Repository,
  pullRequest: { number: number; draft: boolean; mergedAt: string | null },
): JsonObject {
  const html = `${repositoryWebUrl(world, repository)}/pull/${pullRequest.number}`
  return {
    draft: pullRequest.draft,
    pull_request: {
      url: `${repositoryUrl(world, repository)}/pulls/${pullRequest.number}`,
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      merged_at: pullRequest.mergedAt,
    },
  }
}

export function renderIssueComment(world: World, repository: Repository, comment: IssueComment): JsonObject {
  const url = `${repositoryUrl(world, repository)}/issues/comments/${comment.id}`
  const kind = repository.pullRequests.has(comment.issueNumber) ? 'pull' : 'issues'
  return {
    url,
    html_url: `${repositoryWebUrl(world, repository)}/${kind}/${comment.issueNumber}#issuecomment-${comment.id}`,
    issue_url: `${repositoryUrl(world, repository)}/issues/${comment.issueNumber}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: renderLogin(world, comment.authorLogin),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: associationOf(world, repository, world.account(comment.authorLogin)),
    body: comment.body,
    reactions: renderReactionCounts(repository, 'issueComment', comment.id, `${url}/reactions`),
    performed_via_github_app: renderAppById(world, comment.viaAppId),
  }
}

export function renderReactionCounts(
  repository: Repository,
  subject: ReactionSubject,
  subjectId: number,
  url: string,
): JsonObject {
  const reactions = [...repository.reactions.values()].filter(
    (reaction) => reaction.subject === subject && reaction.subjectId === subjectId,
  )
  const counts = reactionContents.map((content) => [
    content,
    reactions.filter((reaction) => reaction.content === content).length,
  ])
  return { url, total_count: reactions.length, ...Object.fromEntries(counts) }
}

export function renderReaction(world: World, reaction: Reaction): JsonObject {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: renderLogin(world, reaction.login),
    content: reaction.content,
    created_at: reaction.createdAt,
  }
}
