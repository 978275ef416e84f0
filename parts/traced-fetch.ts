import type { Telemetry } from '../ports/telemetry.ts'

type AnyFetch<Init, Answer> = (url: string, init: Init) => Promise<Answer>

/** A span for every call to a vendor; `parentOf` names a trace for calls that no job makes itself. */
export function tracedFetch<Init extends { method?: string | undefined }, Answer extends { status: number }>(
  fetch: AnyFetch<Init, Answer>,
  telemetry: Telemetry,
  vendor: { readonly name: string; readonly parentOf?: () => string | null },
): AnyFetch<Init, Answer> {
  if (!telemetry.isOn) return fetch
  return (url, init) => {
    const parent = telemetry.active() ?? vendor.parentOf?.() ?? null
    // Looks at a quiet account belong to nobody, and would be most of all traces.
    if (parent === null) return fetch(url, init)
    const { host, pathname } = new URL(url)
    const method = init.method ?? 'GET'
    const facts = {
      'http.request.method': method,
      'server.address': host,
      'url.path': pathname,
      'peer.service': vendor.name,
    }
    return telemetry.span(
      { name: `${vendor.name} ${method} ${templateOf(pathname)}`, kind: 'client', facts, parent },
      async (span) => {
        const answer = await fetch(url, init)
        span.set({ 'http.response.status_code': answer.status })
        return answer
      },
    )
  }
}

/** A path without what differs from call to call. */
export function templateOf(path: string): string {
  return path
    .replace(/^(.*\/repos)\/[^/]+\/[^/]+/, '$1/{owner}/{repo}')
    .split('/')
    .map((part) => (/^\d+$|^[0-9a-f]{7,40}$|%|^[a-z0-9]{13,}$/i.test(part) && !/^[a-z]+$/i.test(part) ? '{id}' : part))
    .join('/')
}
