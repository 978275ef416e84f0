import type { Clock } from '../../../ports/clock.ts'
import { refusalOf } from '../problem.ts'
import type { Wire } from './wire.ts'

/** The first keep-alive byte waits this long, so that a quick failure still has its own status. */
const FIRST_KEEP_ALIVE_MS = 10_000
/** Well below the 100 s after which common proxies cut a silent connection. */
const KEEP_ALIVE_MS = 15_000

export interface UpstreamAnswer {
  readonly status: number
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Turns work that may first have to rent a pod into an HTTP response that ordinary clients do not give up on. Once a keep-alive byte has
 * left, the status is 200, and a failure is told in the protocol's own last words.
 */
export async function respondPatiently(
  start: () => Promise<UpstreamAnswer>,
  world: { readonly clock: Clock; readonly wire: Wire; readonly controller: AbortController },
): Promise<Response> {
  const { clock, wire, controller } = world
  const started = start()
  const quiet = new AbortController()
  const early = await Promise.race([
    started.then(
      (answer) => ({ kind: 'answer', answer }) as const,
      (error: unknown) => ({ kind: 'error', error }) as const,
    ),
    clock.sleep(FIRST_KEEP_ALIVE_MS, quiet.signal).then(
      () => ({ kind: 'wait' }) as const,
      () => ({ kind: 'wait' }) as const,
    ),
  ])
  quiet.abort()
  if (early.kind === 'error') return errorResponse(early.error, wire)
  const bytes =
    early.kind === 'answer'
      ? relay(early.answer.body, controller, wire)
      : waitThenRelay(started, { clock, wire, controller })
  return new Response(toStream(bytes, controller), {
    status: early.kind === 'answer' ? early.answer.status : 200,
    headers: { 'content-type': wire.contentType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  })
}

export function errorResponse(error: unknown, wire: Wire): Response {
  const refusal = refusalOf(error)
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' }
  if (refusal.retryAfterSeconds !== undefined) headers['retry-after'] = String(refusal.retryAfterSeconds)
  return new Response(wire.error(`${refusal.message} ${refusal.remedy}`.trim(), refusal.code), {
    status: refusal.status,
    headers,
  })
}

async function* relay(
  body: AsyncIterable<Uint8Array>,
  controller: AbortController,
  wire: Wire,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    if (controller.signal.aborted) return
    const refusal = refusalOf(error)
    yield encode(wire.lateError(refusal.message, refusal.code))
  }
}

async function* waitThenRelay(
  started: Promise<UpstreamAnswer>,
  world: { readonly clock: Clock; readonly wire: Wire; readonly controller: AbortController },
): AsyncGenerator<Uint8Array> {
  const settled = started.then(
    (answer) => ({ kind: 'answer', answer }) as const,
    (error: unknown) => ({ kind: 'error', error }) as const,
  )
  for (;;) {
    yield encode(world.wire.keepAlive)
    const quiet = new AbortController()
    const tick = world.clock.sleep(KEEP_ALIVE_MS, quiet.signal).catch(() => {})
    const next = await Promise.race([settled, tick.then(() => undefined)])
    quiet.abort()
    if (!next) continue
    if (next.kind === 'error') {
      const refusal = refusalOf(next.error)
      yield encode(world.wire.lateError(`${refusal.message} ${refusal.remedy}`.trim(), refusal.code))
    } else yield* relay(next.answer.body, world.controller, world.wire)
    return
  }
}

/** A client that goes away ends the work: the model stops generating and the slot is free. */
function toStream(bytes: AsyncGenerator<Uint8Array>, controller: AbortController): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(sink) {
        const next = await bytes.next()
        if (next.done) sink.close()
        else sink.enqueue(next.value)
      },
      async cancel() {
        controller.abort(new Error('the client went away'))
        await bytes.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
