import { html } from 'hono/html'
import type { Markup } from './markup.ts'
import { agoText, timeText } from './words.ts'

/** How something stands, as a colour and as a word. */
export type Mood = 'good' | 'warn' | 'bad' | 'plain' | 'live'

const MOODS: Readonly<Record<string, Mood>> = {
  posted: 'good',
  clean: 'good',
  answered: 'good',
  success: 'good',
  done: 'good',
  ready: 'good',
  busy: 'live',
  running: 'live',
  publishing: 'live',
  waiting_pod: 'live',
  booting: 'live',
  warming: 'live',
  creating: 'live',
  intent: 'live',
  partial: 'warn',
  draining: 'warn',
  terminating: 'warn',
  failed: 'bad',
  failure: 'bad',
  error: 'bad',
  lost: 'bad',
}

/** A state or outcome as a small badge. */
export function badge(word: string, mood: Mood = MOODS[word] ?? 'plain'): Markup {
  return html`<span class="badge ${mood}">${word.replaceAll('_', ' ')}</span>`
}

/** A sentence whose `code` is shown as such. */
export function prose(text: string): Markup {
  const pieces = text.split('`')
  if (pieces.length % 2 === 0) return html`${text}`
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece))}`
}

export function when(at: number, now: number): Markup {
  return html`<time datetime="${new Date(at).toISOString()}" title="${timeText(at)}">${agoText(at, now)}</time>`
}

export interface Tile {
  readonly label: string
  readonly value: string
  readonly note: string
  readonly mood: Mood
  /** Filled part of the bar, 0 to 1; null without a bar. */
  readonly share: number | null
}

/** The numbers that are watched, each with what it should be. */
export function tiles(all: readonly Tile[]): Markup {
  return html`<ul class="tiles">${all.map(
    ({ label, value, note, mood, share }) =>
      html`<li class="card tile ${mood}"><p class="label">${label}</p><p class="value">${value}</p>${share === null ? '' : bar(share)}<p class="note">${note}</p></li>`,
  )}</ul>`
}

/** Widths stand in SVG attributes: styles inside of pages are forbidden by the content policy. */
function bar(share: number): Markup {
  const width = Math.min(100, Math.max(0, share * 100)).toFixed(1)
  return html`<svg class="meter" width="100%" height="6" aria-hidden="true"><rect class="track" width="100%" height="6" rx="3"/><rect class="fill" width="${width}%" height="6" rx="3"/></svg>`
}

/** Names and values in two columns; what is null is left out. */
export function facts(pairs: readonly (readonly [string, Markup | string | null])[]): Markup {
  return html`<dl class="facts">${pairs.map(([name, value]) =>
    value === null ? '' : html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`
}

/** A link to a page elsewhere, only by http(s): what a stranger wrote never becomes a script. */
export function outLink(url: string, text: string): Markup {
  const isWeb = URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol)
  return isWeb ? html`<a href="${url}" rel="noreferrer">${text}</a>` : html`${text}`
}
