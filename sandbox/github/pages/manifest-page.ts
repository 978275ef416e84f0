import { html } from 'hono/html'
import type { Context } from 'hono'
import { storeManifest } from '../rest/manifest-routes.ts'
import type { World } from '../world.ts'
import type { Markup } from './markup.ts'

/** What a browser that posts an App manifest sees: who it will belong to, and one button. */
export function renderManifestPage(manifest: string, state: string, owner: string): Markup {
  return html`<h1>Create a GitHub App</h1><section class="card"><div class="head"><b>For ${owner}</b></div><div class="body">
    <pre class="lead">${manifest}</pre>
    <form method="post" action="/settings/apps/confirm"><input type="hidden" name="manifest" value="${manifest}"><input type="hidden" name="state" value="${state}"><input type="hidden" name="owner" value="${owner}"><button class="primary" data-act="create-app">Create GitHub App</button></form>
  </div></section>`
}

/** Keeps the manifest and sends the browser back with the code it can be exchanged for. */
export function confirmManifest(
  world: World,
  context: Context,
  form: { manifest: string; state: string; owner: string },
): Response {
  const parsed: unknown = JSON.parse(form.manifest)
  const { code, redirectUrl } = storeManifest(world, form.owner, parsed)
  if (redirectUrl === undefined) return context.text(code)
  const url = new URL(redirectUrl)
  url.searchParams.set('code', code)
  if (form.state !== '') url.searchParams.set('state', form.state)
  return context.redirect(url.toString())
}
