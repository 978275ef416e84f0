import type { Context } from 'hono'
import { createChangeWatch } from './change-watch.ts'
import type { DashboardParts } from './parts.ts'

const BEAT_MS = 15_000
/** Then the browser connects again, and its session is looked at again. */
const LIFE_MS = 10 * 60_000
const MOST_STREAMS = 500
/** A reader that does not read gets nothing more, and costs no memory. */
const MOST_UNREAD = 64

export interface EventStreams {
  open(context: Context): Response
  closeAll(): void
}

/** Tells open pages that something changed; what changed they read from the page itself. */
export function createEventStreams(parts: Pick<DashboardParts, 'store' | 'log'>): EventStreams {
  const open = new Set<() => void>()
  const watch = createChangeWatch(parts)
  return {
    open(context) {
      if (open.size >= MOST_STREAMS) return context.text('Too many open pages.', 503, { 'retry-after': '30' })
      const encoder = new TextEncoder()
      let end = () => {}
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          const send = (text: string) => {
            if ((controller.desiredSize ?? 0) > -MOST_UNREAD) controller.enqueue(encoder.encode(text))
          }
          const forget = watch.add(() => send('event: change\ndata: {}\n\n'))
          const beat = setInterval(() => send(': still here\n\n'), BEAT_MS)
          const life = setTimeout(() => end(), LIFE_MS)
          let isOver = false
          end = () => {
            if (isOver) return
            isOver = true
            open.delete(end)
            forget()
            clearInterval(beat)
            clearTimeout(life)
            // A stream that its reader cancelled is closed already.
            if (!context.req.raw.signal.aborted) controller.close()
          }
          open.add(end)
          send('retry: 2000\n\n')
        },
        cancel: () => end(),
      })
      context.req.raw.signal.addEventListener('abort', () => end(), { once: true })
      return context.body(body, 200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
    },
    closeAll() {
      for (const end of [...open]) end()
    },
  }
}
