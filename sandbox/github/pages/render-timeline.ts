import { html } from 'hono/html'
import type { Commit } from '../git/commits.ts'
import type { ReactionSubject, Review } from '../state/conversation.ts'
import type { Issue } from '../state/issue.ts'
import { fullName, type Repository } from '../state/repository.ts'
import type { Markup } from './markup.ts'
import { avatar, when } from './people.ts'
import { renderComment } from './render-comment.ts'

const verbs: Readonly<Record<Review['state'], string>> = {
  APPROVED: 'approved these changes',
  CHANGES_REQUESTED: 'requested changes',
  COMMENTED: 'reviewed',
  DISMISSED: 'reviewed (dismissed)',
  PENDING: 'is reviewing',
}

interface Entry {
  /** Ids rise with time; seconds are too coarse to order what happens in one. */
  readonly order: number
  readonly markup: Markup
}

/** Everything that was said and done, in order: description, commits, comments, reviews, events. */
export function renderTimeline(repository: Repository, issue: Issue, commits: readonly Commit[]): Markup {
  const entries = [
    ...commitEntries(repository, issue, commits),
    ...commentEntries(repository, issue),
    ...reviewEntries(repository, issue),
    ...issue.timeline.map(({ id, at, login, text }) => ({ order: id, markup: renderEvent(at, login, html`${text}`) })),
  ].sort((left, right) => left.order - right.order)
  return html`${description(repository, issue)}${entries.map(({ markup }) => markup)}`
}

function description(repository: Repository, issue: Issue): Markup {
  const reactions = reactionsOf(repository, 'issue', issue.number)
  const { authorLogin: login, createdAt: at, body } = issue
  return renderComment({ id: 'description', login, verb: 'opened this', at, body: body ?? '', reactions })
}

function commentEntries(repository: Repository, issue: Issue): Entry[] {
  const comments = [...repository.issueComments.values()].filter(({ issueNumber }) => issueNumber === issue.number)
  return comments.map((comment) => ({
    order: comment.id,
    markup: renderComment({
      id: `issuecomment-${comment.id}`,
      login: comment.authorLogin,
      verb: comment.updatedAt === comment.createdAt ? 'commented' : 'commented (edited)',
      at: comment.createdAt,
      body: comment.body,
      reactions: reactionsOf(repository, 'issueComment', comment.id),
    }),
  }))
}

function reviewEntries(repository: Repository, issue: Issue): Entry[] {
  const reviews = [...repository.reviews.values()].filter(
    (review) => review.pullRequestNumber === issue.number && review.submittedAt !== null,
  )
  return reviews.map((review) => {
    const at = review.submittedAt ?? review.updatedAt
    const lines = [...repository.reviewComments.values()].filter(({ reviewId }) => reviewId === review.id)
    const id = `pullrequestreview-${review.id}`
    const verb = `${verbs[review.state]}${lines.length > 0 ? ` with ${lines.length} comment${lines.length === 1 ? '' : 's'} on the diff` : ''}`
    const order = review.id
    if (review.body === '')
      return { order, markup: renderEvent(at, review.authorLogin, html`<span id="${id}">${verb}</span>`) }
    return {
      order,
      markup: renderComment({ id, login: review.authorLogin, verb, at, body: review.body, reactions: [] }),
    }
  })
}

// A commit stands where the push stands that brought it.
function commitEntries(repository: Repository, issue: Issue, commits: readonly Commit[]): Entry[] {
  const pushes = [...(repository.pullRequests.get(issue.number)?.pushes ?? [])]
  return commits.map((commit) => {
    const order = pushes[0]?.id ?? 0
    if (pushes.length > 1 && pushes[0]?.after === commit.sha) pushes.shift()
    const subject = commit.message.split('\n')[0] ?? ''
    const url = `/${fullName(repository)}/commit/${commit.sha}`
    const what = html`committed <a href="${url}">${subject}</a> <span class="sha">${commit.sha.slice(0, 7)}</span>`
    return { order, markup: renderEvent(commit.committer.date, commit.author.name, what) }
  })
}

function renderEvent(at: string, login: string, what: Markup): Markup {
  return html`<div class="event">${avatar(login)} <b>${login}</b> ${what} ${when(at)}</div>`
}

function reactionsOf(repository: Repository, subject: ReactionSubject, subjectId: number) {
  return [...repository.reactions.values()].filter(
    (reaction) => reaction.subject === subject && reaction.subjectId === subjectId,
  )
}
