import { pause } from './clock.ts'
import { type Ending, type OllamaFault, shapeAnswer } from './faults.ts'
import type { EmulatedModel } from './models.ts'
import { Refusal } from './refusal.ts'
import type { Lease } from './scheduler.ts'
import type { ServerState } from './server-state.ts'
import { answer } from './stand-in/answer.ts'
import { tokenize } from './tokens.ts'
import { fitPrompt, type PromptMessage } from './window.ts'

/** What both protocols ask of one generation. */
export interface Generation {
  readonly model: EmulatedModel
  readonly messages: readonly PromptMessage[]
  readonly format: unknown
  readonly think: boolean
  readonly options: Readonly<Record<string, unknown>>
  readonly truncate: boolean
  readonly shift: boolean
  readonly keepAliveMs: number | undefined
  readonly fault: OllamaFault | undefined
  readonly signal: AbortSignal
}

/** Counters of the last object; durations in nanoseconds. */
export interface Counters {
  readonly total_duration: number
  readonly load_duration: number
  readonly prompt_eval_count: number
  readonly prompt_eval_duration: number
  readonly eval_count: number
  readonly eval_duration: number
}

export type GenerationEvent =
  | { readonly kind: 'piece'; readonly content: string; readonly thinking: string }
  | { readonly kind: 'end'; readonly ending: Ending; readonly doneReason: string; readonly counters: Counters }

/** Tokens that leave together in one object. */
const tokensPerPiece = 6

/** Loads, reads the prompt, and answers piece by piece. Throws a refusal before the first piece only. */
export async function* generate(state: ServerState, request: Generation): AsyncGenerator<GenerationEvent> {
  const startedAt = state.clock.now()
  const { model, options, shift, signal } = request
  const asked = request.fault?.fault === 'half-context' ? { ...options, num_ctx: halved(options) } : options
  const lease = await state.scheduler.acquire({ model, options: asked, shift, signal })
  try {
    yield* answerWith(state, request, lease, startedAt)
  } finally {
    state.scheduler.release(lease, request.keepAliveMs)
  }
}

async function* answerWith(
  state: ServerState,
  request: Generation,
  lease: Lease,
  startedAt: number,
): AsyncGenerator<GenerationEvent> {
  const { signal } = request
  const { runner } = lease
  const fitted = fitPrompt(request.messages, {
    contextLength: runner.contextLength,
    numKeep: numberOr(request.options.num_keep, 4),
    truncate: request.truncate,
    shift: request.shift && !(state.options.selfRendered ?? []).includes(request.model.tag),
  })
  if (fitted.kind === 'refused') throw new Refusal(400, fitted.error)
  const prompt = fitted.messages.map((message) => message.content).join('\n')
  const freshTokens = fitted.promptTokens - cachedTokens(runner.lastPrompt, prompt)
  runner.lastPrompt = prompt
  const promptMs = (Math.max(1, freshTokens) / state.speed.promptTokensPerSecond) * 1_000
  await pause(
    state.clock,
    promptMs + (request.fault?.fault === 'slow-first-token' ? (request.fault.ms ?? 1_000) : 0),
    signal,
  )

  const shaped = shapeAnswer(
    request.fault?.fault,
    answer({ prompt, lastMessage: fitted.messages.at(-1)?.content ?? '', format: request.format }),
    request.think ? 'Reading the code line by line and comparing it with what usually goes wrong.' : '',
  )
  const budget = outputBudget(request, runner.contextLength, fitted.promptTokens)
  const tokenMs = 1_000 / state.speed.tokensPerSecond
  let evalCount = 0
  let evalMs = 0
  for (const piece of piecesOf(shaped.thinking, shaped.content)) {
    if (evalCount >= budget) break
    const tokens = piece.tokens.slice(0, budget - evalCount)
    evalCount += tokens.length
    evalMs += tokens.length * tokenMs
    await pause(state.clock, tokens.length * tokenMs, signal)
    const text = tokens.join('')
    yield { kind: 'piece', content: piece.isThinking ? '' : text, thinking: piece.isThinking ? text : '' }
    if (shaped.ending === 'destroyed') break
  }
  while (shaped.ending === 'never') {
    await pause(state.clock, 5, signal)
    yield { kind: 'piece', content: ' and so on', thinking: '' }
  }
  const total = tokenize(shaped.thinking).length + (shaped.content.length > 1e6 ? 0 : tokenize(shaped.content).length)
  const counters = {
    total_duration: nanoseconds(state.clock.now() - startedAt),
    load_duration: nanoseconds(lease.loadMs),
    prompt_eval_count: fitted.promptTokens,
    prompt_eval_duration: nanoseconds(promptMs),
    eval_count: evalCount,
    eval_duration: nanoseconds(evalMs),
  }
  const doneReason = shaped.doneReason ?? (total > evalCount && shaped.content.length <= 1e6 ? 'length' : 'stop')
  yield { kind: 'end', ending: shaped.ending, doneReason, counters }
}

function* piecesOf(thinking: string, content: string) {
  for (const tokens of grouped(thinking)) yield { tokens, isThinking: true }
  for (const tokens of grouped(content)) yield { tokens, isThinking: false }
}

function* grouped(text: string): Generator<string[]> {
  // A text of megabytes leaves in blocks; splitting it into tokens would cost more than sending it.
  if (text.length > 1e6) {
    for (let at = 0; at < text.length; at += 65_536) yield [text.slice(at, at + 65_536)]
    return
  }
  const tokens = tokenize(text)
  // A run of equal pieces must arrive as such: the client's loop guard counts pieces.
  const size = new Set(tokens).size * 3 < tokens.length ? 1 : tokensPerPiece
  for (let at = 0; at < tokens.length; at += size) yield tokens.slice(at, at + size)
}

function outputBudget(request: Generation, contextLength: number, promptTokens: number): number {
  const asked = numberOr(request.options.num_predict, -1)
  const wanted = asked < 0 ? contextLength * 10 : asked
  return request.shift ? wanted : Math.min(wanted, Math.max(0, contextLength - promptTokens))
}

function cachedTokens(before: string, now: string): number {
  let same = 0
  while (same < before.length && same < now.length && before[same] === now[same]) same += 1
  return tokenize(now.slice(0, same)).length
}

function halved(options: Readonly<Record<string, unknown>>): number {
  return Math.floor(numberOr(options.num_ctx, 4_096) / 2)
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback
}

/** Zero is omitted by the server, so even an instant step reports something. */
function nanoseconds(ms: number): number {
  return Math.max(1_000, Math.round(ms * 1e6))
}
