import type { Clock } from '../../../ports/clock.ts'
import type { EngineAddress, LoadOptions } from '../../../ports/model.ts'
import { type MicroUsd, microUsd } from '../../../ports/money.ts'
import type { ApiKeyRow } from '../../../ports/store.ts'
import type { EngineShare } from '../engine-share.ts'
import type { KeyBudget, SetAside } from '../key-budget.ts'
import { RequestRefused } from '../problem.ts'
import type { UsageLog } from '../usage-log.ts'
import { askEngine, lostCall } from './ask-engine.ts'
import { type EngineEnd, NO_END, tapEnd } from './engine-end.ts'
import { type UpstreamAnswer, respondPatiently } from './respond.ts'
import { heard, type Tracing, tracedCall } from './traced-call.ts'
import type { Wire } from './wire.ts'

/** What the gateway is put together from. */
export interface GatewayParts {
  readonly share: EngineShare
  readonly usage: UsageLog
  readonly clock: Clock
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly defaultModel: string
  /** Tags offered before any pod runs. */
  readonly offeredModels: readonly string[]
  /** An Ollama that somebody else runs: it has what it has, and looking at it costs nothing. Null where pods are rented. */
  readonly fixedEngine: EngineAddress | null
  readonly loadOptionsOf: (model: string) => LoadOptions
  readonly budget: KeyBudget
  readonly perRequestMicroUsd: MicroUsd
  readonly waitMs: number
  readonly tracing: Tracing
}

export interface GatewayCall {
  readonly key: ApiKeyRow
  readonly model: string
  /** The engine's own path, e.g. `/api/chat`. */
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly wire: Wire
  readonly signal: AbortSignal
  /** Rewrites the engine's answer into the client's protocol. */
  readonly translate?: (body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}

/** Checks what the key may do, gets a share of an engine, passes the call on and the answer back, and writes down what it used. */
export async function callEngine(call: GatewayCall, parts: GatewayParts): Promise<Response> {
  assertAllowed(call.key, call.model)
  const setAside = await parts.budget.setAside(call.key, parts.perRequestMicroUsd)
  const controller = new AbortController()
  call.signal.addEventListener('abort', () => controller.abort(call.signal.reason), { once: true })
  return respondPatiently(() => start(call, parts, controller, setAside), {
    clock: parts.clock,
    wire: call.wire,
    controller,
  })
}

export function assertAllowed(key: ApiKeyRow, model: string): void {
  if (key.models === null || key.models.includes(model)) return
  throw new RequestRefused(
    403,
    'model-not-allowed',
    `The key "${key.name}" may use ${key.models.join(', ')}; this request asks for ${model}.`,
    'Ask for one of these, or make a key without a model list.',
  )
}

/** Resolves when the engine has answered its first byte; the share is given back when the body has been read or dropped. */
function start(
  call: GatewayCall,
  parts: GatewayParts,
  controller: AbortController,
  setAside: SetAside,
): Promise<UpstreamAnswer> {
  const queuedAt = parts.clock.now()
  return new Promise((resolve, reject) => {
    const wish = {
      model: call.model,
      user: `key:${call.key.name}`,
      signal: controller.signal,
      waitMs: parts.waitMs,
      ownMicroUsd: setAside.microUsd < parts.perRequestMicroUsd ? setAside.microUsd : null,
      perRequestMicroUsd: parts.perRequestMicroUsd,
    }
    let cost = microUsd(0)
    parts.share
      .use(wish, (use) =>
        tracedCall(call, use, parts.tracing, async (trace) => {
          const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
          const signal = AbortSignal.any([controller.signal, use.lost])
          let isRecorded = false
          const record = (end: EngineEnd, isWhole: boolean) => {
            if (isRecorded) return
            isRecorded = true
            cost = use.costSoFar()
            const ok = isWhole && !end.isError
            parts.usage.record({
              key: call.key,
              model: call.model,
              path: call.path,
              queuedAt,
              use,
              usage: end.usage,
              ok,
            })
            trace.ended(end, use)
            if (!ok) trace.failed(controller.signal.aborted ? 'aborted' : use.lost.aborted ? 'pod-lost' : 'incomplete')
            finish()
          }
          const answer = await askEngine(use, { path: call.path, body: call.body, signal }, parts.fetch).catch(
            (error) => {
              record(NO_END, false)
              throw error
            },
          )
          const translateLoss = (error: unknown) => lostCall(error, use, signal)
          const tapped = tapEnd(heard(bytesOf(answer, translateLoss), trace), record)
          resolve({ status: answer.status, body: call.translate ? call.translate(tapped) : tapped })
          controller.signal.addEventListener('abort', () => record(NO_END, false), { once: true })
          await finished
        }),
      )
      .catch(reject)
      .finally(() => setAside.end(cost))
  })
}

/** An engine's bytes; a break in the middle says why. */
export async function* bytesOf(answer: Response, asFault: (error: unknown) => Error): AsyncGenerator<Uint8Array> {
  if (!answer.body) return
  try {
    yield* answer.body
  } catch (error) {
    throw asFault(error)
  }
}
