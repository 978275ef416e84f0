import { html } from 'hono/html'
import type { Annotation, CheckRun } from '../state/check.ts'
import { fullName, type Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import type { Markup } from './markup.ts'
import { when } from './people.ts'
import { mark } from './render-checks.ts'
import { renderMarkdown } from './render-markdown.ts'

const levels: Readonly<Record<Annotation['annotation_level'], string>> = {
  notice: 'neutral',
  warning: 'pending',
  failure: 'failure',
}

/** What a check has to say: title, report, annotations, and the buttons its App put there. */
export function renderCheckRunPage(world: World, repository: Repository, run: CheckRun): Markup {
  const outcome = run.conclusion ?? run.status
  const base = `/${fullName(repository)}`
  const url = `${base}/runs/${run.id}`
  const pullRequests = [...repository.pullRequests.values()].filter(({ headSha }) => headSha === run.headSha)
  return html`<div data-live="run"><h1>${mark(outcome)} ${run.name} <span class="number">${run.title ?? outcome}</span></h1>
    <p class="row muted">${world.registrations.get(run.appId)?.name ?? ''} on <a class="sha" href="${base}/commit/${run.headSha}">${run.headSha.slice(0, 7)}</a>
      ${pullRequests.map(({ number }) => html`<a href="${base}/pull/${number}">#${number}</a>`)} · ${when(run.completedAt ?? run.startedAt)}
      ${run.detailsUrl === null ? '' : html`· <a href="${run.detailsUrl}" rel="noreferrer">Details</a>`}</p>
    ${text('Summary', run.summary)}${text('Report', run.text)}
    ${run.annotations.length === 0 ? '' : html`<h2>Annotations <span class="muted">${run.annotations.length}</span></h2>${run.annotations.map((annotation) => renderAnnotation(base, run, annotation))}`}</div>
    <div class="row"><form method="post" action="${url}/rerun"><button data-act="rerun">Re-run this check</button></form>${run.actions.map(
      (action) =>
        html`<form method="post" action="${url}/action"><input type="hidden" name="identifier" value="${action.identifier}"><button title="${action.description}" data-act="${action.identifier}">${action.label}</button></form>`,
    )}</div>`
}

function text(title: string, markdown: string | null): Markup | '' {
  if (markdown === null || markdown === '') return ''
  return html`<section class="card"><div class="head"><b>${title}</b></div><div class="body markdown">${renderMarkdown(markdown)}</div></section>`
}

function renderAnnotation(base: string, run: CheckRun, annotation: Annotation): Markup {
  const { path, start_line: from, end_line: to } = annotation
  return html`<article class="card" data-annotation="${path}:${from}"><div class="head">${mark(levels[annotation.annotation_level])}<a class="sha" href="${base}/blob/${run.headSha}/${path}#L${from}">${path}:${from}${to === from ? '' : `–${to}`}</a> <b>${annotation.title ?? ''}</b></div>
    <div class="body"><p class="lead">${annotation.message}</p>${annotation.raw_details === undefined ? '' : html`<pre>${annotation.raw_details}</pre>`}</div></article>`
}
