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
  readonly at: string
  readonly markup: Markup
}

/** Everything that was said and done, in order: description, commits, comments, reviews, events. */
export function renderTimeline(repository: Repository, issue: Issue, commits: readonly Commit[]): Markup {
  const entries = [
    ...commits.map((commit) => commitEntry(repository, commit)),
    ...commentEntries(repository, issue),
    ...reviewEntries(repository, issue),
    ...issue.timeline.map(({ at, login, text }) => eventEntry(at, login, html`${text}`)),
  ].sort((left, right) => Date.parse(left.at) - Date.parse(right.at))
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
    at: comment.createdAt,
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
    if (review.body === '') return eventEntry(at, review.authorLogin, html`<span id="${id}">${verb}</span>`)
    return { at, markup: renderComment({ id, login: review.authorLogin, verb, at, body: review.body, reactions: [] }) }
  })
}

function commitEntry(repository: Repository, commit: Commit): Entry {
  const subject = commit.message.split('\n')[0] ?? ''
  const url = `/${fullName(repository)}/commit/${commit.sha}`
  return eventEntry(
    commit.committer.date,
    commit.author.name,
    html`committed <a href="${url}">${subject}</a> <span class="sha">${commit.sha.slice(0, 7)}</span>`,
  )
}

function eventEntry(at: string, login: string, what: Markup): Entry {
  return { at, markup: html`<div class="event">${avatar(login)} <b>${login}</b> ${what} ${when(at)}</div>` }
}

function reactionsOf(repository: Repository, subject: ReactionSubject, subjectId: number) {
  return [...repository.reactions.values()].filter(
    (reaction) => reaction.subject === subject && reaction.subjectId === subjectId,
  )
}
