import { html } from 'hono/html'
import { issueOf } from '../acts/find.ts'
import type { PullRequest } from '../state/pull-request.ts'
import { fullName, type Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import type { Markup } from './markup.ts'
import { avatar, when } from './people.ts'

/** The start page: every repository with its pull requests. */
export function renderHome(world: World): Markup {
  const repositories = [...world.repositories.values()]
  if (repositories.length === 0) return html`<p class="muted">There is no repository yet.</p>`
  return html`<h1>Repositories</h1>${repositories.map((repository) => renderList(repository))}`
}

/** The pull requests of a repository, newest first. */
export function renderList(repository: Repository): Markup {
  const pullRequests = [...repository.pullRequests.values()].reverse()
  const name = fullName(repository)
  return html`<section class="card"><div class="head"><b><a href="/${name}/pulls">${name}</a></b> <span class="tag">${repository.private ? 'private' : 'public'}</span><span class="right muted">${pullRequests.length} pull request${pullRequests.length === 1 ? '' : 's'}</span></div>
    ${pullRequests.length === 0 ? html`<div class="body muted">No pull request yet.</div>` : pullRequests.map((item) => renderItem(repository, item))}
  </section>`
}

function renderItem(repository: Repository, pullRequest: PullRequest): Markup {
  const issue = issueOf(repository, pullRequest.number)
  return html`<div class="item">${renderState(repository, pullRequest)}
    <div><a class="title" href="/${fullName(repository)}/pull/${pullRequest.number}">${issue.title}</a> ${issue.labels.map((label) => html`<span class="tag">${label}</span> `)}
    <div class="muted">#${pullRequest.number} opened by ${avatar(issue.authorLogin)} ${issue.authorLogin} ${when(issue.createdAt)} · <span class="branch">${pullRequest.headRef}</span> into <span class="branch">${pullRequest.baseRef}</span></div></div>
  </div>`
}

export function renderState(repository: Repository, pullRequest: PullRequest): Markup {
  if (pullRequest.mergedAt !== null) return html`<span class="state merged">Merged</span>`
  if (issueOf(repository, pullRequest.number).state === 'closed') return html`<span class="state closed">Closed</span>`
  return pullRequest.draft ? html`<span class="state">Draft</span>` : html`<span class="state open">Open</span>`
}
