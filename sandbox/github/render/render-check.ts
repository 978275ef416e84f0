import type { JsonObject } from '../contracts/json.ts'
import type { Commit } from '../git/commits.ts'
import type { Annotation, CheckRun, CheckSuite, CommitStatus } from '../state/check.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { nodeId } from './node-id.ts'
import { renderAccount, renderLogin } from './render-account.ts'
import { renderAppById } from './render-app.ts'
import { renderSimpleCommit } from './render-commit.ts'
import { renderPullRequestLink } from './render-pull-request.ts'
import { renderRepository, repositoryUrl, repositoryWebUrl } from './render-repository.ts'

// GitHub names no pull request for a head that lies in a fork, nor for a commit that is no head.
function linkedPullRequests(repository: Repository, headSha: string): PullRequest[] {
  return [...repository.pullRequests.values()].filter(
    (pullRequest) =>
      pullRequest.headSha === headSha &&
      pullRequest.headRepositoryId === repository.id &&
      repository.issues.get(pullRequest.number)?.state === 'open',
  )
}

export function renderCheckRun(world: World, repository: Repository, run: CheckRun): JsonObject {
  const url = `${repositoryUrl(world, repository)}/check-runs/${run.id}`
  const html = `${repositoryWebUrl(world, repository)}/runs/${run.id}`
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: html,
    details_url: run.detailsUrl ?? html,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: renderAppById(world, run.appId),
    pull_requests: linkedPullRequests(repository, run.headSha).map((pullRequest) =>
      renderPullRequestLink(world, repository, pullRequest),
    ),
  }
}

/** A check run as webhooks carry it: its suite in full. */
export function renderCheckRunEvent(world: World, repository: Repository, run: CheckRun): JsonObject {
  const suite = repository.suites.get(run.suiteId)
  return {
    ...renderCheckRun(world, repository, run),
    ...(suite === undefined ? {} : { check_suite: renderSuiteEvent(world, repository, suite) }),
  }
}

function renderSuiteEvent(world: World, repository: Repository, suite: CheckSuite): JsonObject {
  const { status, conclusion } = suiteOutcome(repository, suite)
  return {
    id: suite.id,
    node_id: nodeId('CS', suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status,
    conclusion,
    url: `${repositoryUrl(world, repository)}/check-suites/${suite.id}`,
    before: suite.before,
    after: suite.headSha,
    pull_requests: linkedPullRequests(repository, suite.headSha).map((pullRequest) =>
      renderPullRequestLink(world, repository, pullRequest),
    ),
    app: renderAppById(world, suite.appId),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
  }
}

export function renderSuite(world: World, repository: Repository, suite: CheckSuite, headCommit: Commit): JsonObject {
  const event = renderSuiteEvent(world, repository, suite)
  const runs = [...repository.runs.values()].filter((run) => run.suiteId === suite.id)
  return {
    ...event,
    latest_check_runs_count: runs.length,
    check_runs_url: `${String(event.url)}/check-runs`,
    head_commit: renderSimpleCommit(headCommit),
    repository: renderRepository(world, repository),
    rerequestable: true,
    runs_rerequestable: true,
  }
}

/** A suite is as far as its slowest run and as good as its worst. */
export function suiteOutcome(repository: Repository, suite: CheckSuite): { status: string; conclusion: string | null } {
  const runs = [...repository.runs.values()].filter((run) => run.suiteId === suite.id)
  if (runs.length === 0) return { status: 'queued', conclusion: null }
  if (runs.some((run) => run.status !== 'completed')) return { status: 'in_progress', conclusion: null }
  const found = new Set(runs.map((run) => run.conclusion))
  const worst = [
    'action_required',
    'failure',
    'timed_out',
    'cancelled',
    'stale',
    'success',
    'neutral',
    'skipped',
  ] as const
  return { status: 'completed', conclusion: worst.find((conclusion) => found.has(conclusion)) ?? 'success' }
}

export function renderAnnotation(
  world: World,
  repository: Repository,
  run: CheckRun,
  annotation: Annotation,
): JsonObject {
  return {
    path: annotation.path,
    blob_href: `${repositoryWebUrl(world, repository)}/blob/${run.headSha}/${annotation.path}`,
    start_line: annotation.start_line,
    end_line: annotation.end_line,
    start_column: annotation.start_column ?? null,
    end_column: annotation.end_column ?? null,
    annotation_level: annotation.annotation_level,
    title: annotation.title ?? null,
    message: annotation.message,
    raw_details: annotation.raw_details ?? null,
  }
}

/** A status as the combined status lists it; `renderStatus` adds who set it. */
export function renderSimpleStatus(world: World, repository: Repository, status: CommitStatus): JsonObject {
  const creator = renderAccount(world, world.account(status.creatorLogin))
  return {
    url: `${repositoryUrl(world, repository)}/statuses/${status.sha}`,
    avatar_url: creator.avatar_url,
    id: status.id,
    node_id: nodeId('SC', status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt,
    updated_at: status.createdAt,
  }
}

export function renderStatus(world: World, repository: Repository, status: CommitStatus): JsonObject {
  return { ...renderSimpleStatus(world, repository, status), creator: renderLogin(world, status.creatorLogin) }
}
