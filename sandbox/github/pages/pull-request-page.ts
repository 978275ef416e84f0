import { html } from 'hono/html'
import { issueOf } from '../acts/find.ts'
import { listPullRequestFiles, readFacts } from '../acts/pull-request-facts.ts'
import { listRange } from '../git/commits.ts'
import type { Side } from '../state/conversation.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { renderState } from './list-page.ts'
import type { Markup } from './markup.ts'
import { renderFile } from './render-diff.ts'
import { renderActions, renderCommentBox } from './render-forms.ts'
import { actionUrl, renderSide } from './render-side.ts'
import { renderTimeline } from './render-timeline.ts'

// A page with more files than this helps nobody.
const maxFiles = 300

/** One pull request: conversation and commands, what stands beside it, and the diff with its comments. */
export async function renderPullRequestPage(
  world: World,
  repository: Repository,
  view: {
    pullRequest: PullRequest
    viewer: string
    notice: string | undefined
    open: { path: string; line: number; side: Side } | undefined
  },
): Promise<Markup> {
  const { pullRequest, viewer, notice, open } = view
  const { number, headSha, baseSha, headRef, baseRef } = pullRequest
  const issue = issueOf(repository, number)
  const facts = await readFacts(world, repository, pullRequest)
  const files = await listPullRequestFiles(world, repository, pullRequest)
  const commits = await listRange(world.git(repository), baseSha, headSha)
  const visible = [...repository.reviewComments.values()].filter(
    (comment) => comment.pullRequestNumber === number && repository.reviews.get(comment.reviewId)?.state !== 'PENDING',
  )
  const diff = {
    comments: visible,
    reactions: [...repository.reactions.values()],
    commentUrl: actionUrl(repository, number, 'line-comment'),
    open,
  }
  return html`${notice === undefined ? '' : html`<div class="notice lead" role="alert">${notice}</div>`}
    <div data-live="title"><h1>${issue.title} <span class="number">#${number}</span></h1>
    <p class="row">${renderState(repository, pullRequest)} <b>${issue.authorLogin}</b> wants to merge ${facts.commits} commit${facts.commits === 1 ? '' : 's'} from <span class="branch">${headRef}</span> into <span class="branch">${baseRef}</span></p></div>
    <div class="columns"><div><div data-live="timeline">${renderTimeline(repository, issue, commits)}</div>${renderCommentBox(repository, number, viewer)}</div>
      <aside class="side"><div data-live="side">${renderSide(world, repository, { pullRequest, facts })}</div><section class="card"><div class="head"><b>Actions</b></div><div class="body" data-live="actions">${renderActions(repository, pullRequest)}</div></section></aside></div>
    <h2 id="files">Files changed <span class="muted">${files.length}</span> <span class="success">+${facts.additions}</span> <span class="failure">−${facts.deletions}</span></h2>
    <div data-live="files">${files.slice(0, maxFiles).map((file) => renderFile(file, diff))}</div>`
}
