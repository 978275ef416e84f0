import { html } from 'hono/html'
import { issueOf } from '../acts/find.ts'
import type { PullRequestFacts } from '../acts/pull-request-facts.ts'
import { mergeObstacles, rulesOf } from '../acts/merge-obstacles.ts'
import type { Review } from '../state/conversation.ts'
import type { PullRequest } from '../state/pull-request.ts'
import { fullName, type Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import type { Markup } from './markup.ts'
import { avatar } from './people.ts'
import { mark, renderChecks } from './render-checks.ts'

/** Beside the conversation: checks, reviewers, labels, and whether it may be merged. */
export function renderSide(
  world: World,
  repository: Repository,
  subject: { pullRequest: PullRequest; facts: PullRequestFacts },
): Markup {
  const { pullRequest, facts } = subject
  const { labels } = issueOf(repository, pullRequest.number)
  return html`
    <section class="card"><div class="head"><b>Checks</b></div><div class="body" id="checks">${renderChecks(repository, pullRequest.headSha)}</div></section>
    <section class="card"><div class="head"><b>Reviewers</b></div><div class="body">${renderReviewers(repository, pullRequest)}</div></section>
    <section class="card"><div class="head"><b>Labels</b></div><div class="body row">${labels.length === 0 ? html`<span class="muted">None</span>` : labels.map((label) => html`<span class="tag">${label}</span>`)}</div></section>
    <section class="card"><div class="head"><b>Merge</b></div><div class="body">${renderMerge(world, repository, { pullRequest, facts })}</div></section>`
}

function renderReviewers(repository: Repository, pullRequest: PullRequest): Markup {
  const last = new Map<string, Review>()
  for (const review of repository.reviews.values()) {
    if (review.pullRequestNumber !== pullRequest.number || review.state === 'PENDING') continue
    if (review.state !== 'COMMENTED' || !last.has(review.authorLogin)) last.set(review.authorLogin, review)
  }
  const outcomes = {
    APPROVED: 'success',
    CHANGES_REQUESTED: 'failure',
    COMMENTED: 'neutral',
    DISMISSED: 'skipped',
    PENDING: 'pending',
  }
  const rows = [...last.values()].map(
    (review) =>
      html`<div class="row">${avatar(review.authorLogin)} ${review.authorLogin}<span class="right">${mark(outcomes[review.state])}</span></div>`,
  )
  const asked = pullRequest.requestedReviewers.map(
    (login) => html`<div class="row">${avatar(login)} ${login}<span class="right">${mark('pending')}</span></div>`,
  )
  return rows.length + asked.length === 0 ? html`<span class="muted">Nobody yet</span>` : html`${rows}${asked}`
}

function renderMerge(
  world: World,
  repository: Repository,
  subject: { pullRequest: PullRequest; facts: PullRequestFacts },
): Markup {
  const { pullRequest, facts } = subject
  if (pullRequest.mergedAt !== null)
    return html`<span>Merged as <span class="sha">${pullRequest.mergeCommitSha?.slice(0, 7)}</span></span>`
  const queued = repository.queue.find((group) => group.pullRequestNumber === pullRequest.number)
  if (queued !== undefined)
    return html`<span>${mark('pending')} In the merge queue as <span class="sha">${queued.headSha.slice(0, 7)}</span></span>`
  const obstacles = mergeObstacles(world, repository, pullRequest)
  const rows = obstacles.map((sentence) => html`<div>${mark('failure')} ${sentence}</div>`)
  if (facts.mergeable === false) return html`<div>${mark('failure')} Conflicts with ${pullRequest.baseRef}</div>${rows}`
  if (rows.length > 0) return html`${rows}`
  const hasQueue = rulesOf(repository, pullRequest.baseRef).some(({ mergeQueue }) => mergeQueue)
  return html`<div>${mark('success')} ${hasQueue ? 'Ready for the merge queue' : 'No conflicts, nothing missing'}</div>`
}

/** Where forms of a pull request are sent. */
export function actionUrl(repository: Repository, number: number, act: string): string {
  return `/${fullName(repository)}/pull/${number}/${act}`
}
