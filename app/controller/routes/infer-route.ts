import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { isCodedError } from '../../../ports/errors.ts'
import type { ApiKeyRow, Json } from '../../../ports/store.ts'
import type { ControllerEnv } from '../auth.ts'
import { createIdempotency } from '../idempotency.ts'
import { allowanceOf, inferNow } from '../infer.ts'
import type { ControllerParts } from '../parts.ts'
import { refusalOf } from '../problem.ts'
import { type InferRequest, inferAnswerSchema, inferRequestSchema } from '../schemas.ts'
import { secured } from './secured.ts'

const route = createRoute({
  method: 'post',
  path: '/infer',
  tags: ['Inference'],
  summary: 'Answer a prompt; a pod is rented when none is warm',
  ...secured('infer', [400, 401, 402, 403, 404, 409, 413, 422, 429, 502, 503, 504]),
  request: { body: { required: true, content: { 'application/json': { schema: inferRequestSchema } } } },
  responses: {
    200: {
      description: 'The answer; NDJSON pieces with `stream: true`',
      content: { 'application/json': { schema: inferAnswerSchema } },
    },
    202: { description: 'With `Prefer: respond-async`: see `Location`' },
    ...secured('infer', [400, 401, 402, 403, 404, 409, 413, 422, 429, 502, 503, 504]).responses,
  },
})

export function addInferRoute(app: OpenAPIHono<ControllerEnv>, parts: ControllerParts): void {
  const once = createIdempotency({ facts: parts.store.facts, clock: parts.clock })
  app.openapi(route, async (context) => {
    const request = context.req.valid('json')
    const key = context.get('key')
    const signal = context.req.raw.signal
    if (/\brespond-async\b/i.test(context.req.header('prefer') ?? '')) {
      const model = request.model ?? parts.gateway.defaultModel
      const maxCostMicroUsd = await allowanceOf(request, key, parts)
      const create = async () => ({
        id: await parts.createInferJob({ ...request, model, requestedBy: `key:${key.name}`, maxCostMicroUsd }),
      })
      const { id } = await once(key.id, context.req.header('idempotency-key'), { request, isAsync: true }, create)
      return context.json({ id, state: 'queued' }, 202, {
        location: `/jobs/${id}`,
        'preference-applied': 'respond-async',
      })
    }
    if (request.stream) return streamAnswer(request, key, signal, parts)
    const answer = await once(key.id, context.req.header('idempotency-key'), request, async () => {
      const { id, model, output, usage, timing, cost } = await inferNow(request, { key, signal }, parts)
      return { id, model, output, usage: { ...usage }, timing: { ...timing }, cost: { ...cost } } satisfies Json
    })
    return context.json(answer, 200)
  })
}

/** JSON lines: `{piece}` as the answer grows, the whole answer last, or `{error}`. */
function streamAnswer(request: InferRequest, key: ApiKeyRow, signal: AbortSignal, parts: ControllerParts): Response {
  const gone = new AbortController()
  const stream = new ReadableStream<Uint8Array>({
    async start(sink) {
      const say = (value: unknown) => {
        if (!gone.signal.aborted) sink.enqueue(new TextEncoder().encode(`${JSON.stringify(value)}\n`))
      }
      try {
        const call = {
          key,
          signal: AbortSignal.any([signal, gone.signal]),
          onPiece: (piece: { text: string }) => say({ piece: piece.text }),
        }
        say(await inferNow(request, call, parts))
      } catch (error) {
        const refusal = refusalOf(error)
        if (!isCodedError(error)) parts.log.error({ code: refusal.code }, 'A streamed answer failed.')
        say({ error: { code: refusal.code, message: refusal.message, remedy: refusal.remedy } })
      }
      if (!gone.signal.aborted) sink.close()
    },
    cancel: () => gone.abort(new Error('the client went away')),
  })
  return new Response(stream, { headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' } })
}
