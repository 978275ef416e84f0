import { Hono } from 'hono'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { type CollectParts, collect } from './collect.ts'
import { createInstruments } from './instruments.ts'

/** The numbers move slowly and scrapers come often: between two readings of the store the text is served from memory. */
const KEEP_MS = 10_000

export interface MetricsParts extends CollectParts {
  readonly clock: Clock
  readonly log: Log
  /** Calls to GitHub by this process, so far. */
  readonly github: {
    list(): readonly { readonly route: string; readonly status: number; readonly calls: number }[]
    readonly remaining: number | null
  }
}

/** `GET /metrics` in Prometheus' text format. */
export function metricsRoutes(parts: MetricsParts): Hono {
  const instruments = createInstruments()
  const { registry } = instruments
  let since = parts.clock.now()
  let cached: { readonly until: number; readonly text: Promise<string> } | undefined

  async function read(now: number): Promise<string> {
    await collect(parts, instruments, { since, now })
    since = now
    instruments.githubCalls.reset()
    for (const { route, status, calls } of parts.github.list())
      instruments.githubCalls.inc({ route, status: String(status) }, calls)
    if (parts.github.remaining !== null) instruments.githubRemaining.set(parts.github.remaining)
    return registry.metrics()
  }

  const room = new Hono()
  room.onError((error, context) => {
    parts.log.error({ error: error.message }, 'The metrics cannot be read.')
    return context.text('The numbers cannot be read; the log says why.\n', 503, { 'retry-after': '30' })
  })
  return room.get('/metrics', async (context) => {
    const now = parts.clock.now()
    if (!cached || cached.until <= now) {
      const text = read(now)
      cached = { until: now + KEEP_MS, text }
      text.catch(() => {
        cached = undefined
      })
    }
    return context.body(await cached.text, 200, { 'content-type': registry.contentType })
  })
}
