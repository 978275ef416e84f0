import type { MiddlewareHandler } from 'hono'
import type { Telemetry } from '../../ports/telemetry.ts'
import type { ControllerEnv } from './auth.ts'

/**
 * A span per call from outside, in the trace its `traceparent` names; it lasts until the answer has left, streams included. Paths that are
 * not among `routes` share one name, so that whoever tries addresses makes no names.
 */
export function tracedRequest(telemetry: Telemetry, routes: readonly string[]): MiddlewareHandler<ControllerEnv> {
  if (!telemetry.isOn) return (_context, next) => next()
  return (context, next) =>
    new Promise((resolve, reject) => {
      const { method, path } = context.req
      const route = routes.includes(path) ? path : 'unknown'
      const wish = {
        name: `${method} ${route}`,
        kind: 'server',
        parent: context.req.header('traceparent') ?? null,
        facts: {
          'http.request.method': method,
          'http.route': route,
          'user_agent.original': context.req.header('user-agent')?.slice(0, 200),
          'devloop.key': context.get('key').name,
          'devloop.request.id': context.get('requestId'),
        },
      } as const
      telemetry
        .span(wish, async (span) => {
          await next()
          const { status, body } = context.res
          span.set({ 'http.response.status_code': status })
          if (status >= 500) span.fail(String(status))
          const { promise: left, resolve: leave } = Promise.withResolvers<void>()
          if (body === null) leave()
          else context.res = new Response(watched(body, leave), context.res)
          context.req.raw.signal.addEventListener('abort', () => leave(), { once: true })
          resolve()
          await left
        })
        .catch(reject)
    })
}

/** The same bytes at the same pace; `onEnd` hears when the last has left or nobody reads on. */
function watched(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(sink) {
        try {
          const next = await reader.read()
          if (!next.done) return sink.enqueue(next.value)
          onEnd()
          sink.close()
        } catch (error) {
          onEnd()
          throw error
        }
      },
      async cancel(reason) {
        onEnd()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
