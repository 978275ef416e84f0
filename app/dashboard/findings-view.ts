import { html } from 'hono/html'
import { badge, type Mood } from './bits.ts'
import type { ShownFinding } from './job-result.ts'
import type { Markup } from './markup.ts'

const SEVERITY: Readonly<Record<ShownFinding['severity'], Mood>> = {
  critical: 'bad',
  high: 'bad',
  medium: 'warn',
  low: 'plain',
}

/** Findings as the model worded them: plain text, whatever it tries to be. */
export function findingsView(findings: readonly ShownFinding[]): Markup {
  if (findings.length === 0) return html`<p class="empty card">No findings.</p>`
  return html`<ol class="findings">${findings.map(
    (finding) => html`<li class="card finding">
<h3>${badge(finding.severity, SEVERITY[finding.severity])} <bdi class="strange">${finding.title}</bdi></h3>
<p class="faint"><code class="strange">${place(finding)}</code> · <span class="strange">${finding.category}</span></p>
<p class="strange text">${finding.body}</p>
${finding.quote === '' ? '' : html`<pre class="strange" tabindex="0" aria-label="Quoted code">${finding.quote}</pre>`}
${finding.suggestion === undefined ? '' : html`<details id="suggestion-${finding.id}"><summary>Suggestion</summary><pre class="strange" tabindex="0" aria-label="Suggested code">${finding.suggestion}</pre></details>`}
</li>`,
  )}</ol>`
}

function place({ path, line, endLine }: ShownFinding): string {
  if (line === null) return path
  return endLine !== null && endLine > line ? `${path}:${line}-${endLine}` : `${path}:${line}`
}
