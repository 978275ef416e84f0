import { html } from 'hono/html'
import { assetUrl } from './assets.ts'
import type { Markup } from './markup.ts'

const PLACES = [
  ['Now', '/dashboard'],
  ['Jobs', '/dashboard/jobs'],
  ['Money', '/dashboard/money'],
  ['Speed', '/dashboard/speed'],
  ['Governance', '/dashboard/governance'],
  ['Health', '/dashboard/health'],
] as const

export interface Viewer {
  readonly who: string
  readonly mayControl: boolean
  /** For every form of the page. */
  readonly csrf: string
}

export interface Page {
  readonly title: string
  /** The entry of the menu that this page belongs to. */
  readonly place: (typeof PLACES)[number][0]
  readonly viewer: Viewer
  readonly body: Markup
}

/** The frame around every page of the dashboard. */
export function pageLayout({ title, place, viewer, body }: Page): Markup {
  return documentLayout(
    title,
    html`<a class="skip" href="#content">Skip to the content</a>
<header class="bar">
  <a class="brand" href="/dashboard"><span class="mark" aria-hidden="true"></span>DevLoop</a>
  <nav aria-label="Pages"><ul>${PLACES.map(
    ([name, path]) => html`<li><a href="${path}"${name === place ? html` aria-current="page"` : ''}>${name}</a></li>`,
  )}</ul></nav>
  <form class="who" method="post" action="/logout"><input type="hidden" name="csrf" value="${viewer.csrf}">
    <span class="name" title="Logged in as ${viewer.who}">${viewer.who}</span><button class="quiet">Log out</button></form>
</header>
<main id="content" tabindex="-1" data-events="/dashboard/events">
<h1>${title}</h1>
${body}
</main>
<p class="live-note" id="live-note" role="status"></p>`,
  )
}

/** A page without menu: log-in and refusals. */
export function plainLayout(title: string, body: Markup): Markup {
  return documentLayout(
    title,
    html`<main id="content" class="plain"><p class="brand"><span class="mark" aria-hidden="true"></span>DevLoop</p>
<h1>${title}</h1>
${body}
</main>`,
  )
}

function documentLayout(title: string, body: Markup): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · DevLoop</title>
<link rel="icon" href="${assetUrl('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assetUrl('dashboard.css')}">
<script defer src="${assetUrl('dashboard.js')}" data-uplot-script="${assetUrl('uplot.js')}" data-uplot-style="${assetUrl('uplot.css')}"></script>
</head>
<body>
${body}
</body>
</html>`
}
