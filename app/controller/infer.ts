import { ModelError } from '../../ports/errors.ts'
import { type MicroUsd, microUsd, microUsdFromUsd, usdFromMicroUsd } from '../../ports/money.ts'
import type { ApiKeyRow } from '../../ports/store.ts'
import { assertAllowed } from './gateway/call.ts'
import { normaliseBody } from './gateway/native.ts'
import { linesOf, type TokenUsage } from './gateway/lines.ts'
import type { ControllerParts } from './parts.ts'
import { RequestRefused } from './problem.ts'
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
  const maxCostMicroUsd = await allowanceOf(request, call.key, parts)
  const queuedAt = clock.now()
  const wish = { model, user: `key:${call.key.name}`, signal: call.signal, maxCostMicroUsd, waitMs: gateway.waitMs }
  return gateway.share.use(wish, async (use) => {
    const stop = AbortSignal.any([call.signal, use.lease.lost])
    const body = normaliseBody('/api/chat', chatBody(request, model), gateway.loadOptionsOf(model))
    const { url, token } = use.lease.address
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    }
    const answer = await gateway.fetch(`${url}/api/chat`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: stop,
      redirect: 'error',
    })
    const { output, usage } = await readAnswer(answer, call.onPiece)
    const endedAt = clock.now()
    const costMicroUsd = use.costSoFar()
    const id = gateway.usage.record({ key: call.key, model, path: '/infer', queuedAt, use, usage, ok: true })
    const timing = { queueMs: 0, spinUpMs: use.readyAt - queuedAt, inferMs: endedAt - use.readyAt }
    return { id, model, output, usage, timing, cost: { usd: usdFromMicroUsd(costMicroUsd) } }
  })
}

/** The most this request may spend: its own cap, the key's rest of the month, the server's limit per job. */
export async function allowanceOf(request: InferRequest, key: ApiKeyRow, parts: ControllerParts): Promise<MicroUsd> {
  const remaining = await parts.gateway.remainingOf(key)
  const own = request.maxCostUsd === undefined ? parts.gateway.perRequestMicroUsd : microUsdFromUsd(request.maxCostUsd)
  const allowed = Math.min(own, parts.gateway.perRequestMicroUsd, remaining ?? Number.MAX_SAFE_INTEGER)
  if (allowed <= 0) {
    throw new RequestRefused(
      402,
      'budget-reached',
      `The key "${key.name}" has spent its budget of this month.`,
      'Raise its budget, or wait for the next month.',
    )
  }
  return microUsd(allowed)
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
  answer: Response,
  onPiece: ((piece: InferPiece) => void) | undefined,
): Promise<{ readonly output: string; readonly usage: TokenUsage }> {
  if (!answer.ok) throw engineRefusal(answer.status, await answer.text())
  let output = ''
  for await (const line of linesOf(answer.body ?? empty())) {
    const piece: {
      message?: { content?: string }
      done?: boolean
      done_reason?: string
      error?: string
      prompt_eval_count?: number
      eval_count?: number
    } = JSON.parse(line)
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
    return { output, usage: { promptTokens: piece.prompt_eval_count ?? 0, completionTokens: piece.eval_count ?? 0 } }
  }
  throw incomplete('The engine stopped in the middle of its answer.')
}

async function* empty(): AsyncGenerator<Uint8Array> {}

function incomplete(message: string): ModelError {
  return new ModelError({ code: 'incomplete', owner: 'retry', message, remedy: 'Send the request again.' })
}

function engineRefusal(status: number, body: string): ModelError {
  const text = body.slice(0, 300)
  if (status === 404)
    return new ModelError({
      code: 'model-missing',
      owner: 'user',
      message: `The engine does not know this model: ${text}.`,
      remedy: 'Ask for a tag of `GET /api/tags`.',
    })
  if (status === 503)
    return new ModelError({
      code: 'busy',
      owner: 'retry',
      message: 'The engine has too many requests waiting.',
      remedy: 'Try again in a moment.',
    })
  if (status === 400)
    return new ModelError({
      code: 'refused-input',
      owner: 'user',
      message: `The engine refused the request: ${text}.`,
      remedy: 'Change the request.',
    })
  return new ModelError({
    code: 'crashed',
    owner: 'retry',
    message: `The engine answered ${status}.`,
    remedy: 'Send the request again.',
  })
}
