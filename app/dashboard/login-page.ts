import { html } from 'hono/html'
import { plainLayout } from './layout.ts'
import type { Markup } from './markup.ts'

export interface LoginView {
  readonly csrf: string
  readonly next: string
  readonly problem: string | null
  readonly withGithub: boolean
  /** Without any key the page says how to make one. */
  readonly hasKeys: boolean
}

const MAKE_KEY = 'devloop keys create me --scope read,control'

export function loginPage({ csrf, next, problem, withGithub, hasKeys }: LoginView): Markup {
  return plainLayout(
    'Log in',
    html`
${problem === null ? '' : html`<p class="notice bad" role="alert">${problem}</p>`}
${withGithub ? html`<p><a class="button primary wide" href="/login/github?next=${encodeURIComponent(next)}">Log in with GitHub</a></p><p class="or">or</p>` : ''}
<form method="post" action="/login" class="card stack">
  <input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="next" value="${next}">
  <label for="key">API key</label>
  <input id="key" name="key" type="password" autocomplete="current-password" required spellcheck="false" aria-describedby="key-help">
  <p id="key-help" class="faint">It needs the scope <code>read</code>; with <code>control</code> you may also start and stop GPUs.</p>
  <button class="${withGithub ? '' : 'primary'}">Log in with a key</button>
</form>
${hasKeys ? '' : html`<p>There is no key yet. Make one in a terminal on this machine:</p><pre><code>${MAKE_KEY}</code></pre>`}`,
  )
}
