import { html } from 'hono/html'
import type { DiffEntry } from '../git/diff.ts'
import { parsePatch, type PatchLine } from '../git/patch-lines.ts'
import type { Reaction, ReviewComment, Side } from '../state/conversation.ts'
import type { Markup } from './markup.ts'
import { renderInlineComment } from './render-comment.ts'

export interface DiffView {
  readonly comments: readonly ReviewComment[]
  readonly reactions: readonly Reaction[]
  /** Where the page opens a form to comment on a line; null where nobody may. */
  readonly commentUrl: string | null
  readonly open: { readonly path: string; readonly line: number; readonly side: Side } | undefined
}

/** One file of a diff with line numbers and the comments below their lines. */
export function renderFile(file: DiffEntry, view: DiffView): Markup {
  const comments = view.comments.filter(({ path }) => path === file.path)
  const outdated = comments.filter(({ line, subjectType }) => line === null || subjectType === 'file')
  return html`<section class="card file" id="file-${encodeURIComponent(file.path)}" data-file="${file.path}">
    <div class="head"><b class="sha">${file.previousPath === undefined ? '' : `${file.previousPath} → `}${file.path}</b>
      <span class="tag">${file.status}</span><span class="right"><span class="success">+${file.additions}</span> <span class="failure">−${file.deletions}</span></span></div>
    ${outdated.length === 0 ? '' : html`<div class="talk" style="padding:10px 14px">${outdated.map((comment) => show(comment, view))}</div>`}
    ${file.patch === undefined ? html`<div class="body muted">No text to show: binary, too large, or only renamed.</div>` : renderPatch(file, { ...view, comments })}
  </section>`
}

function renderPatch(file: DiffEntry, view: DiffView): Markup {
  return html`<table class="diff">${parsePatch(file.patch ?? '').map((line) => renderLine(file, line, view))}</table>`
}

function renderLine(file: DiffEntry, line: PatchLine, view: DiffView): Markup {
  if (line.kind === 'hunk')
    return html`<tr class="hunk"><td class="number"></td><td class="number"></td><td class="code">${line.text}</td></tr>`
  const here = view.comments.filter(
    (comment) => comment.line !== null && comment.subjectType === 'line' && stands(comment, line),
  )
  const { open } = view
  const isOpen = open?.path === file.path && (open.side === 'RIGHT' ? line.newLine : line.oldLine) === open.line
  return html`<tr class="${line.kind}"><td class="number">${number(file, { view, side: 'LEFT', value: line.oldLine })}</td><td class="number">${number(file, { view, side: 'RIGHT', value: line.newLine })}</td><td class="code">${line.text}</td></tr>${
    here.length === 0
      ? ''
      : html`<tr><td colspan="3" class="talk">${here.map((comment) => show(comment, view))}</td></tr>`
  }${isOpen && open !== undefined && view.commentUrl !== null ? lineForm(view.commentUrl, open) : ''}`
}

function stands(comment: ReviewComment, line: PatchLine): boolean {
  return comment.line === (comment.side === 'RIGHT' ? line.newLine : line.oldLine)
}

function show(comment: ReviewComment, view: DiffView): Markup {
  return renderInlineComment(
    comment,
    view.reactions.filter(({ subject, subjectId }) => subject === 'reviewComment' && subjectId === comment.id),
  )
}

// The number is the way to comment on a line, without any script.
function number(file: DiffEntry, at: { view: DiffView; side: Side; value: number | null }): Markup | '' {
  const { view, side, value } = at
  if (value === null) return ''
  if (view.commentUrl === null) return html`${value}`
  const query = new URLSearchParams({ path: file.path, line: String(value), side })
  return html`<a href="?${query.toString()}#line-form" aria-label="Comment on line ${value}">${value}</a>`
}

function lineForm(action: string, place: { path: string; line: number; side: Side }): Markup {
  return html`<tr id="line-form"><td colspan="3" class="talk"><form class="stack" method="post" action="${action}">
    <input type="hidden" name="path" value="${place.path}"><input type="hidden" name="line" value="${place.line}"><input type="hidden" name="side" value="${place.side}">
    <textarea name="body" aria-label="Comment on line ${place.line}" placeholder="Comment on line ${place.line}" autofocus></textarea>
    <div class="row"><button class="primary">Comment on this line</button></div>
  </form></td></tr>`
}
