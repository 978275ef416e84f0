import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { isCodedError } from '../../../ports/errors.ts'
import type { Json } from '../../../ports/store.ts'
import type { ControllerEnv } from '../auth.ts'
import { type Claim, createIdempotency } from '../idempotency.ts'
import { allowanceOf, type InferPiece, inferNow } from '../infer.ts'
import type { ControllerParts } from '../parts.ts'
import { refusalOf } from '../problem.ts'
import { type InferAnswer, inferAnswerSchema, inferRequestSchema } from '../schemas.ts'
import { secured } from './secured.ts'

const route = createRoute({
  method: 'post',
  path: '/infer',
  tags: ['Inference'],
  summary: 'Answer a prompt; a pod is rented when none is warm',
  security: [{ bearer: ['infer'] }],
  request: { body: { required: true, content: { 'application/json': { schema: inferRequestSchema } } } },
  responses: {
    200: {
      description: 'The answer; NDJSON pieces with `stream: true`',
      content: { 'application/json': { schema: inferAnswerSchema } },
    },
    202: { description: 'With `Prefer: respond-async`: `{id, state}`, and the job at `Location`' },
    ...secured('infer', [400, 401, 402, 403, 404, 409, 413, 422, 429, 502, 503, 504]).responses,
  },
})

export function addInferRoute(app: OpenAPIHono<ControllerEnv>, parts: ControllerParts): void {
  const idempotency = createIdempotency({ facts: parts.store.facts, clock: parts.clock, random: parts.random })
  app.openapi(route, async (context) => {
    const request = context.req.valid('json')
    const key = context.get('key')
    const signal = context.req.raw.signal
    const claimFor = <T extends Json>(wanted: unknown) =>
      idempotency.claim<T>(key.id, context.req.header('idempotency-key'), wanted)
    if (/\brespond-async\b/i.test(context.req.header('prefer') ?? '')) {
      const model = request.model ?? parts.gateway.defaultModel
      const { id } = await once(await claimFor<{ readonly id: string }>({ request, isAsync: true }), async () => {
        const maxCostMicroUsd = await allowanceOf(request, key, parts)
        return {
          id: await parts.createInferJob({ ...request, model, requestedBy: `key:${key.name}`, maxCostMicroUsd }),
        }
      })
      return context.json({ id, state: 'queued' }, 202, {
        location: `/jobs/${id}`,
        'preference-applied': 'respond-async',
      })
    }
    const claim = await claimFor<StoredAnswer>(request)
    const run = (onPiece?: (piece: InferPiece) => void, ended = signal) =>
      once(claim, async () =>
        storable(await inferNow(request, { key, signal: ended, ...(onPiece && { onPiece }) }, parts)),
      )
    if (request.stream) return streamAnswer(run, claim, signal, parts)
    return context.json(await run(), 200)
  })
}

type StoredAnswer = ReturnType<typeof storable>

function storable({ id, model, output, usage, timing, cost }: InferAnswer) {
  return { id, model, output, usage: { ...usage }, timing: { ...timing }, cost: { ...cost } } satisfies Json
}

/** Runs `body` for whoever came first; whoever comes later gets its answer. */
async function once<T extends Json>(claim: Claim<T>, body: () => Promise<T>): Promise<T> {
  if (claim.kind === 'known') return claim.answer
  try {
    const answer = await body()
    await claim.keep(answer)
    return answer
  } catch (error) {
    await claim.drop()
    throw error
  }
}

/** JSON lines: `{piece}` as the answer grows, the whole answer last, or `{error}`. */
function streamAnswer(
  run: (onPiece: (piece: InferPiece) => void, signal: AbortSignal) => Promise<InferAnswer>,
  claim: Claim<StoredAnswer>,
  signal: AbortSignal,
  parts: ControllerParts,
): Response {
  const gone = new AbortController()
  const stream = new ReadableStream<Uint8Array>({
    async start(sink) {
      const say = (value: unknown) => {
        if (!gone.signal.aborted) sink.enqueue(new TextEncoder().encode(`${JSON.stringify(value)}\n`))
      }
      try {
        if (claim.kind === 'known') say({ piece: claim.answer.output })
        say(await run(({ text }) => say({ piece: text }), AbortSignal.any([signal, gone.signal])))
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
