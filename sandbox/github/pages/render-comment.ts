import { html } from 'hono/html'
import { parsePatch } from '../git/patch-lines.ts'
import type { Reaction, ReviewComment } from '../state/conversation.ts'
import { reactionContents } from '../state/conversation.ts'
import type { Markup } from './markup.ts'
import { avatar, when } from './people.ts'
import { renderMarkdown } from './render-markdown.ts'

const emoji: Readonly<Record<(typeof reactionContents)[number], string>> = {
  '+1': '👍',
  '-1': '👎',
  laugh: '😄',
  confused: '😕',
  heart: '❤️',
  hooray: '🎉',
  rocket: '🚀',
  eyes: '👀',
}

export interface ShownComment {
  readonly id: string
  readonly login: string
  readonly verb: string
  readonly at: string
  readonly body: string
  readonly reactions: readonly Reaction[]
}

/** A comment of the conversation, or the text of a review. */
export function renderComment(comment: ShownComment): Markup {
  return html`<article class="card" id="${comment.id}" data-author="${comment.login}">
    <div class="head">${avatar(comment.login)}<b>${comment.login}</b> ${botTag(comment.login)} ${comment.verb} ${when(comment.at)}</div>
    <div class="body markdown">${comment.body === '' ? html`<p class="muted">No text.</p>` : renderMarkdown(comment.body)}${renderReactions(comment.reactions)}</div>
  </article>`
}

/** A comment that stands below a line of the diff. */
export function renderInlineComment(comment: ReviewComment, reactions: readonly Reaction[]): Markup {
  const line = comment.line ?? comment.originalLine
  const start = comment.line === null ? comment.originalStartLine : comment.startLine
  return html`<article class="card inline-comment" id="discussion_r${comment.id}" data-path="${comment.path}" data-line="${line}" data-side="${comment.side}" data-author="${comment.authorLogin}">
    <div class="head">${avatar(comment.authorLogin)}<b>${comment.authorLogin}</b> ${botTag(comment.authorLogin)}
      <span class="muted">on line${start === null ? '' : `s ${start} to`} ${line}</span> ${comment.line === null ? html`<span class="tag">outdated</span>` : ''}
      <span class="right">${when(comment.createdAt)}</span></div>
    <div class="body markdown">${renderWithSuggestions(comment)}${renderReactions(reactions)}</div>
  </article>`
}

export function botTag(login: string): Markup | '' {
  return login.endsWith('[bot]') ? html`<span class="tag">bot</span>` : ''
}

const suggestionBlock = /^(`{3,})suggestion[^\n]*\n([\s\S]*?)^\1[ \t]*$/gm

// A suggestion shows as the change it stands for: the commented lines go, the suggested ones come.
function renderWithSuggestions(comment: ReviewComment): Markup[] {
  const parts: Markup[] = []
  let from = 0
  for (const match of comment.body.matchAll(suggestionBlock)) {
    parts.push(renderMarkdown(comment.body.slice(from, match.index)), renderSuggestion(comment, match[2] ?? ''))
    from = match.index + match[0].length
  }
  parts.push(renderMarkdown(comment.body.slice(from)))
  return parts
}

function renderSuggestion(comment: ReviewComment, text: string): Markup {
  const added = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const row = (kind: 'added' | 'removed', line: string) =>
    html`<tr class="${kind}"><td class="number">${kind === 'added' ? '+' : '−'}</td><td class="code">${line}</td></tr>`
  return html`<div class="suggestion"><div class="head">Suggested change</div><table class="diff">${commentedLines(
    comment,
  ).map((line) => row('removed', line))}${added.map((line) => row('added', line))}</table></div>`
}

function commentedLines(comment: ReviewComment): string[] {
  const { originalStartLine, originalLine, diffHunk } = comment
  return parsePatch(diffHunk)
    .filter(
      ({ newLine }) => newLine !== null && newLine >= (originalStartLine ?? originalLine) && newLine <= originalLine,
    )
    .map(({ text }) => text.slice(1))
}

function renderReactions(reactions: readonly Reaction[]): Markup | '' {
  if (reactions.length === 0) return ''
  const counted = reactionContents
    .map((content) => ({ content, by: reactions.filter((reaction) => reaction.content === content) }))
    .filter(({ by }) => by.length > 0)
  return html`<div class="reactions">${counted.map(
    ({ content, by }) =>
      html`<span data-reaction="${content}" title="${by.map(({ login }) => login).join(', ')}">${emoji[content]} ${by.length}</span>`,
  )}</div>`
}
