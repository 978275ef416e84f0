import { html } from 'hono/html'
import { z } from 'zod'

const documentSchema = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string().optional() }),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        summary: z.string().optional(),
        tags: z.array(z.string()).optional(),
        security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
        responses: z.record(z.string(), z.looseObject({ description: z.string().optional() })).optional(),
        requestBody: z.unknown().optional(),
      }),
    ),
  ),
})

/** The OpenAPI document as a page that can be read without any script. */
export function referencePage(document: unknown) {
  const { info, paths } = documentSchema.parse(document)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} reference</title>
<link rel="stylesheet" href="/reference.css">
</head>
<body>
<main>
<h1>${info.title} <small>${info.version}</small></h1>
<p>${info.description ?? ''} Machine-readable: <a href="/openapi.json">/openapi.json</a>.</p>
<nav aria-label="Operations"><ul>${operations.map(({ path, method }) => html`<li><a href="#${anchor(method, path)}"><code>${method.toUpperCase()} ${path}</code></a></li>`)}</ul></nav>
${operations.map(
  ({ path, method, operation }) => html`<section id="${anchor(method, path)}">
<h2><code class="method ${method}">${method.toUpperCase()}</code> <code>${path}</code></h2>
<p>${operation.summary ?? ''}${scopeOf(operation.security)}</p>
${operation.requestBody === undefined ? '' : html`<details><summary>Request body</summary><pre>${JSON.stringify(operation.requestBody, null, 2)}</pre></details>`}
<table><thead><tr><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead>
<tbody>${Object.entries(operation.responses ?? {}).map(([status, response]) => html`<tr><td><code>${status}</code></td><td>${response.description ?? ''}</td></tr>`)}</tbody></table>
</section>`,
)}
</main>
</body>
</html>`
}

function anchor(method: string, path: string): string {
  return `${method}${path.replaceAll(/[^a-z0-9]+/gi, '-')}`
}

function scopeOf(security: readonly Readonly<Record<string, readonly string[]>>[] | undefined): string {
  const scopes = (security ?? []).flatMap((entry) => Object.values(entry).flat())
  return scopes.length === 0 ? '' : ` — scope ${scopes.join(', ')}`
}

export const REFERENCE_CSS = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;padding:2rem 1rem}main{max-width:60rem;margin:auto}h1 small{color:color-mix(in srgb,currentColor 60%,transparent);font-weight:400}
nav ul{columns:18rem;padding:0;list-style:none}section{border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);padding:1rem 0}
code,pre{font:.9em ui-monospace,monospace}pre{overflow:auto;padding:.75rem;border-radius:.5rem;background:color-mix(in srgb,currentColor 7%,transparent)}
table{border-collapse:collapse}td,th{text-align:left;padding:.2rem 1rem .2rem 0}.method{padding:.1rem .5rem;border-radius:.3rem;color:#fff;background:#2563eb}
.method.post{background:#15803d}.method.delete{background:#b91c1c}a{color:inherit}`
