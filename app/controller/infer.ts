import { ModelError } from '../../ports/errors.ts'
import { type MicroUsd, microUsd, microUsdFromUsd, usdFromMicroUsd } from '../../ports/money.ts'
import { readLines } from '../../ports/read-lines.ts'
import type { ApiKeyRow } from '../../ports/store.ts'
import type { EngineUse } from './engine-share.ts'
import { askEngine, lostCall } from './gateway/ask-engine.ts'
import { assertAllowed, bytesOf } from './gateway/call.ts'
import { normaliseBody } from './gateway/native.ts'
import { type EngineEnd, NO_END, type TokenUsage } from './gateway/engine-end.ts'
import { heard, tracedCall } from './gateway/traced-call.ts'
import type { ControllerParts } from './parts.ts'
import type { InferAnswer, InferRequest } from './schemas.ts'

export interface InferPiece {
  readonly text: string
}

/** Runs one prompt on a shared engine and answers with what it used; `onPiece` hears the answer as it grows. */
export async function inferNow(
  request: InferRequest,
  call: { readonly key: ApiKeyRow; readonly signal: AbortSignal; readonly onPiece?: (piece: InferPiece) => void },
  parts: ControllerParts,
): Promise<InferAnswer> {
  const { gateway, clock } = parts
  const model = request.model ?? gateway.defaultModel
  assertAllowed(call.key, model)
  const setAside = await gateway.budget.setAside(call.key, wantedOf(request, parts))
  let cost = microUsd(0)
  const queuedAt = clock.now()
  const wish = {
    model,
    user: `key:${call.key.name}`,
    signal: call.signal,
    ownMicroUsd: setAside.microUsd < gateway.perRequestMicroUsd ? setAside.microUsd : null,
    perRequestMicroUsd: gateway.perRequestMicroUsd,
    waitMs: gateway.waitMs,
  }
  const ask = (use: EngineUse) => {
    const body = normaliseBody('/api/chat', chatBody(request, model), gateway.loadOptionsOf(model))
    return tracedCall({ path: '/api/chat', model, body }, use, gateway.tracing, async (trace) => {
      const signal = AbortSignal.any([call.signal, use.lost])
      const log = (usage: TokenUsage, ok: boolean) => {
        cost = use.costSoFar()
        return gateway.usage.record({ key: call.key, model, path: '/infer', queuedAt, use, usage, ok })
      }
      try {
        const answer = await askEngine(use, { path: '/api/chat', body, signal }, gateway.fetch)
        const bytes = bytesOf(answer, (error) => lostCall(error, use, signal))
        const { output, end } = await readAnswer(heard(bytes, trace), call.onPiece)
        trace.ended(end, use)
        const { usage } = end
        const timing = { queueMs: 0, spinUpMs: use.readyAt - queuedAt, inferMs: clock.now() - use.readyAt }
        const id = log(usage, true)
        return { id, model, output, usage, timing, cost: { usd: usdFromMicroUsd(cost) } }
      } catch (error) {
        // A call that failed has cost its time, too.
        log(NO_END.usage, false)
        throw error
      }
    })
  }
  try {
    return await gateway.share.use(wish, ask)
  } finally {
    await setAside.end(cost)
  }
}

/** The most a request may spend that becomes a job: its own cap, the key's rest of the month, the server's limit per job. */
export async function allowanceOf(request: InferRequest, key: ApiKeyRow, parts: ControllerParts): Promise<MicroUsd> {
  return (await parts.gateway.budget.setAside(key, wantedOf(request, parts), true)).microUsd
}

function wantedOf(request: InferRequest, { gateway }: ControllerParts): MicroUsd {
  const own = request.maxCostUsd === undefined ? gateway.perRequestMicroUsd : microUsdFromUsd(request.maxCostUsd)
  return microUsd(Math.min(own, gateway.perRequestMicroUsd))
}

function chatBody(request: InferRequest, model: string): Record<string, unknown> {
  const system = request.system === undefined ? [] : [{ role: 'system', content: request.system }]
  return {
    model,
    messages: [...system, { role: 'user', content: request.prompt }],
    stream: true,
    ...(request.format === undefined ? {} : { format: request.format }),
    ...(request.options === undefined ? {} : { options: request.options }),
  }
}

async function readAnswer(
  bytes: AsyncIterable<Uint8Array>,
  onPiece: ((piece: InferPiece) => void) | undefined,
): Promise<{ readonly output: string; readonly end: EngineEnd }> {
  let output = ''
  for await (const line of readLines(bytes)) {
    const piece = readPiece(line)
    if (piece.error !== undefined)
      throw incomplete(`The engine failed in the middle of its answer: ${piece.error.slice(0, 300)}.`)
    const text = piece.message?.content ?? ''
    output += text
    if (text !== '') onPiece?.({ text })
    if (!piece.done) continue
    if (piece.done_reason === 'length') {
      throw new ModelError({
        code: 'output-limit',
        owner: 'user',
        message: 'The answer reached the token limit before it ended.',
        remedy: 'Raise options.num_predict or ask for less.',
      })
    }
    const usage = { promptTokens: piece.prompt_eval_count ?? 0, completionTokens: piece.eval_count ?? 0 }
    return { output, end: { usage, model: piece.model, finishReason: piece.done_reason, isError: false } }
  }
  throw incomplete('The engine stopped in the middle of its answer.')
}

interface AnswerPiece {
  readonly model?: string
  readonly message?: { readonly content?: string }
  readonly done?: boolean
  readonly done_reason?: string
  readonly error?: string
  readonly prompt_eval_count?: number
  readonly eval_count?: number
}

function readPiece(line: string): AnswerPiece {
  try {
    return JSON.parse(line)
  } catch {
    throw incomplete('The engine sent a line that is no JSON.')
  }
}

function incomplete(message: string): ModelError {
  return new ModelError({ code: 'incomplete', owner: 'retry', message, remedy: 'Send the request again.' })
}
