import { html } from 'hono/html'
import { issueOf } from '../acts/find.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import { rulesOf } from '../acts/merge-obstacles.ts'
import type { Markup } from './markup.ts'
import { avatar } from './people.ts'
import { actionUrl } from './render-side.ts'

/** The box to say something; it stands outside the live parts, so that typing survives a refresh. */
export function renderCommentBox(repository: Repository, number: number, viewer: string): Markup {
  return html`<form class="card" method="post" action="${actionUrl(repository, number, 'comment')}" id="comment-form">
    <div class="head">${avatar(viewer)}<b>${viewer}</b> <span class="muted">write a comment or a command</span></div>
    <div class="body stack" style="display:grid;gap:8px">
      <textarea name="body" id="comment-body" aria-label="Comment" placeholder="/devloop review"></textarea>
      <div class="row"><span class="muted">Markdown is understood.</span><button class="primary right" name="act" value="comment">Comment</button></div>
    </div>
  </form>`
}

/** The buttons for what people do with a pull request. */
export function renderActions(repository: Repository, pullRequest: PullRequest): Markup {
  const { number, draft, mergedAt, baseRef } = pullRequest
  const { state } = issueOf(repository, number)
  const button = (act: string, label: string, kind = '') =>
    html`<form method="post" action="${actionUrl(repository, number, act)}"><button class="wide ${kind}" data-act="${act}">${label}</button></form>`
  const hasQueue = rulesOf(repository, baseRef).some(({ mergeQueue }) => mergeQueue)
  if (mergedAt !== null) return html`<p class="muted">Nothing left to do.</p>`
  if (state === 'closed') return button('reopen', 'Reopen')
  return html`${button('approve', 'Approve')}
    <details><summary>Request changes…</summary><form class="stack" method="post" action="${actionUrl(repository, number, 'request-changes')}"><textarea name="body" aria-label="What must change" placeholder="What must change?"></textarea><button data-act="request-changes">Request changes</button></form></details>
    ${pullRequest.headRepositoryId === repository.id ? pushForm(repository, number) : ''}
    ${draft ? button('ready', 'Ready for review') : button('draft', 'Convert to draft')}
    ${hasQueue ? button('enqueue', 'Merge when ready', 'primary') : mergeForm(repository, number)}
    ${button('close', 'Close', 'danger')}`
}

function pushForm(repository: Repository, number: number): Markup {
  return html`<details><summary>Push a commit…</summary><form class="stack" method="post" action="${actionUrl(repository, number, 'push')}">
    <input type="text" name="path" aria-label="File" value="notes.md"><textarea name="line" aria-label="Line to append">One more line.</textarea>
    <button data-act="push">Append and push</button></form></details>`
}

function mergeForm(repository: Repository, number: number): Markup {
  return html`<form class="row" method="post" action="${actionUrl(repository, number, 'merge')}">
    <select name="method" aria-label="How to merge"><option value="merge">merge commit</option><option value="squash">squash</option><option value="rebase">rebase</option></select>
    <button class="primary right" data-act="merge">Merge</button></form>`
}
