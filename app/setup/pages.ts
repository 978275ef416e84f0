import { html } from 'hono/html'
import type { AppManifest } from '../../parts/app-yml.ts'

type Markup = ReturnType<typeof html>

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;color:#1f2328}h1{font-size:1.6rem}label{display:block;margin:1rem 0 .3rem;font-weight:600}input{font:inherit;padding:.4rem;width:100%;box-sizing:border-box}button,.go{font:inherit;padding:.5rem 1rem;margin-top:1rem;background:#1a7f37;color:#fff;border:0;border-radius:6px;text-decoration:none;display:inline-block}td{padding:.2rem 1rem .2rem 0;vertical-align:top}code{background:#eff1f3;padding:.1rem .3rem;border-radius:4px}'

function frame(title: string, body: Markup): Markup {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body><main><h1>${title}</h1>${body}</main></body></html>`
}

export function refusedPage(): Markup {
  return frame(
    'This page needs its code',
    html`<p>Open the whole address that <code>npm start</code> printed in the terminal. Its code belongs to the first browser that used it.</p>`,
  )
}

/** Where the hook goes is asked first: GitHub must be able to reach it. */
export function beginPage({ permissions }: AppManifest, hookUrl: string): Markup {
  return frame(
    'Set up DevLoop',
    html`<p>This creates a GitHub App of your own. Its credentials go from GitHub to the <code>.env</code> file of this machine and nowhere else.</p>
<form method="post" action="/setup/manifest">
<label for="owner">Organisation (leave empty for your own account)</label><input id="owner" name="owner" pattern="[A-Za-z0-9-]*">
<label for="name">Name of the App (must be free on GitHub)</label><input id="name" name="name" value="DevLoop" maxlength="34" required>
<label for="hook">Address GitHub delivers webhooks to</label><input id="hook" name="hook" type="url" value="${hookUrl}" required>
<h2>What it may do</h2><table>${permissions.map(({ name, level, purpose }) => html`<tr><td><code>${name}: ${level}</code></td><td>${purpose}</td></tr>`)}</table>
<button data-act="begin">Continue</button></form>`,
  )
}

/** The browser itself carries the manifest to GitHub, where its owner confirms it. */
export function submitPage(action: string, manifest: string): Markup {
  return frame(
    'To GitHub',
    html`<p>The next page is GitHub's own. It shows the App and asks you to create it.</p><form method="post" action="${action}"><input type="hidden" name="manifest" value="${manifest}"><button data-act="to-github">Go to GitHub</button></form>`,
  )
}

export function donePage(app: {
  readonly slug: string
  readonly installUrl: string
  readonly envPath: string
}): Markup {
  return frame(
    'The App exists',
    html`<p><strong>${app.slug}</strong> was created, and its credentials stand in <code>${app.envPath}</code>, which only you can read.</p>
<p id="ping" data-ping="waiting">Waiting for GitHub's first webhook…</p>
<script>const look=async()=>{const answer=await fetch('/setup/ping');const{state,text}=await answer.json();const place=document.getElementById('ping');place.dataset.ping=state;place.textContent=text;if(state==='waiting')setTimeout(look,500)};look()</script>
<p><a class="go" href="${app.installUrl}">Install it on repositories</a></p><p>Then stop this server (Ctrl-C), and start it again with <code>npm start</code>.</p>`,
  )
}

export function failedPage(message: string, remedy: string): Markup {
  return frame('That did not work', html`<p>${message}</p><p>${remedy}</p><p><a href="/setup">Begin again</a></p>`)
}
