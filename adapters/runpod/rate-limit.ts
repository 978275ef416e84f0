interface HeaderSource {
  get(name: string): string | null
}

/** How long to wait after a 429: the longest of `Retry-After` and the `t` of any `RateLimit` window that has nothing left. */
export function waitAfter(headers: HeaderSource, now: number): number | undefined {
  const waits = [retryAfterMs(headers.get('retry-after'), now), ...emptyWindowsMs(headers.get('ratelimit'))]
  const known = waits.filter((wait) => wait !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

function retryAfterMs(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  if (/^\d+$/.test(text.trim())) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** `"minute";r=0;t=12, "hour";r=2800;t=1812` → 12,000 for the one window with r=0. */
function emptyWindowsMs(text: string | null): number[] {
  if (text === null) return []
  return text
    .split(',')
    .filter((window) => /;\s*r=0\s*(;|$)/.test(window))
    .flatMap((window) => /;\s*t=(\d+)/.exec(window)?.[1] ?? [])
    .map((seconds) => Number(seconds) * 1000)
}
