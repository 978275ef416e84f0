import { html, raw } from 'hono/html'
import { fullName, type Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { liveScript } from './live-script.ts'
import type { Markup } from './markup.ts'
import { style } from './style.ts'

export interface PageParts {
  readonly title: string
  readonly repository?: Repository | undefined
  /** Who is looking, as whom the forms act. */
  readonly viewer: string
  readonly body: Markup
}

/** A whole page around its body. */
export function layout(world: World, parts: PageParts): Markup {
  const { title, repository, viewer, body } = parts
  const name = repository === undefined ? '' : fullName(repository)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(style)}</style>
</head>
<body data-repository="${name}">
<header class="top">
  <div class="where"><a href="/">Sandbox</a>${repository === undefined ? '' : html` / <a href="/${name}/pulls">${name}</a>`}</div>
  ${viewerForm(world, viewer)}
</header>
<main>${body}</main>
<script>${raw(liveScript)}</script>
</body>
</html>`
}

function viewerForm(world: World, viewer: string): Markup {
  const people = [...world.accounts.values()].filter(({ type }) => type === 'User')
  return html`<form method="post" action="/viewer">
    <label for="as">You are</label>
    <select id="as" name="as">${people.map(
      ({ login }) => html`<option value="${login}" ${login === viewer ? raw('selected') : ''}>${login}</option>`,
    )}</select>
    <button>Switch</button>
  </form>`
}
