import type { ServerResponse } from 'node:http'
import type { OllamaFault } from './faults.ts'
import { type Counters, type Generation, type GenerationEvent, generate } from './generation.ts'
import { findOnDisk } from './library.ts'
import type { EmulatedModel } from './models.ts'
import { Refusal } from './refusal.ts'
import { LineWriter, sendJson } from './reply.ts'
import { chatRequest, generateRequest, keepAliveMs, parseBody } from './request.ts'
import type { ServerState } from './server-state.ts'

export interface Exchange {
  readonly body: string
  readonly response: ServerResponse
  readonly signal: AbortSignal
  readonly fault: OllamaFault | undefined
}

/** POST /api/chat */
export async function chat(state: ServerState, exchange: Exchange): Promise<void> {
  const request = parseBody(chatRequest, exchange.body)
  const model = findOnDisk(state, request.model)
  if ((request.tools ?? []).length > 0 && !model.capabilities.includes('tools')) {
    throw new Refusal(400, `"${model.tag}" does not support tools`)
  }
  const messages = (request.messages ?? []).map(({ role, content }) => ({ role, content }))
  if (messages.length === 0) return loadOnly(state, exchange, model, request, 'chat')
  const think = thinks(model, request.think)
  await reply(state, exchange, request, 'chat', { ...basics(request, model, exchange), messages, think })
}

/** POST /api/generate */
export async function complete(state: ServerState, exchange: Exchange): Promise<void> {
  const request = parseBody(generateRequest, exchange.body)
  const model = findOnDisk(state, request.model)
  if ((request.prompt ?? '') === '') return loadOnly(state, exchange, model, request, 'generate')
  const think = thinks(model, request.think)
  const system = request.system ? [{ role: 'system', content: request.system }] : []
  const messages = [...system, { role: 'user', content: request.prompt ?? '' }]
  await reply(state, exchange, request, 'generate', { ...basics(request, model, exchange), messages, think })
}

interface CommonRequest {
  readonly model: string
  readonly format?: unknown
  readonly options?: Readonly<Record<string, unknown>> | null | undefined
  readonly stream?: boolean | null | undefined
  readonly keep_alive?: string | number | null | undefined
  readonly truncate?: boolean | null | undefined
  readonly shift?: boolean | null | undefined
}

function basics(
  request: CommonRequest,
  model: EmulatedModel,
  exchange: Exchange,
): Omit<Generation, 'messages' | 'think'> {
  if (!model.capabilities.includes('completion')) throw new Refusal(400, `"${model.tag}" does not support chat`)
  return {
    model,
    format: request.format,
    options: request.options ?? {},
    truncate: request.truncate ?? true,
    shift: request.shift ?? true,
    keepAliveMs: keepAliveMs(request.keep_alive),
    fault: exchange.fault,
    signal: exchange.signal,
  }
}

/** Whether thoughts come first; a model without the capability refuses to be asked for them. */
function thinks(model: EmulatedModel, think: boolean | string | null | undefined): boolean {
  const isAble = model.capabilities.includes('thinking')
  if (!isAble && think !== undefined && think !== null && think !== false) {
    throw new Refusal(400, `"${model.tag}" does not support thinking`)
  }
  return isAble && (think !== false || model.family === 'gptoss')
}

async function loadOnly(
  state: ServerState,
  exchange: Exchange,
  model: EmulatedModel,
  request: CommonRequest,
  shape: 'chat' | 'generate',
): Promise<void> {
  const aliveMs = keepAliveMs(request.keep_alive)
  const isUnload = aliveMs === 0
  const startedAt = state.clock.now()
  if (!isUnload || state.scheduler.runners.has(model.tag)) {
    const { options, shift } = basics(request, model, exchange)
    const lease = await state.scheduler.acquire({ model, options, shift, signal: exchange.signal })
    state.scheduler.release(lease, aliveMs)
  }
  sendJson(exchange.response, 200, {
    ...frame(state, request.model, shape, '', ''),
    done: true,
    done_reason: isUnload ? 'unload' : 'load',
    ...(isUnload ? {} : { total_duration: Math.max(1_000, (state.clock.now() - startedAt) * 1e6) }),
  })
}

async function reply(
  state: ServerState,
  exchange: Exchange,
  request: CommonRequest,
  shape: 'chat' | 'generate',
  generation: Generation,
): Promise<void> {
  const events = generate(state, generation)
  if (request.stream === false) return replyWhole(state, exchange, request.model, shape, events)
  const writer = new LineWriter(exchange.response, 'application/x-ndjson', state.options.chunks)
  for await (const event of events) {
    if (event.kind === 'piece') {
      const line = { ...frame(state, request.model, shape, event.content, event.thinking), done: false }
      await writer.write(`${JSON.stringify(line)}\n`)
      continue
    }
    if (event.ending === 'destroyed') return void exchange.response.destroy()
    if (event.ending === 'error-line') {
      await writer.write(
        `${JSON.stringify({ error: 'an error was encountered while running the model: unexpected EOF' })}\n`,
      )
    } else if (event.ending === 'done') {
      const line = { ...frame(state, request.model, shape, '', ''), ...last(event, exchange.fault) }
      await writer.write(`${JSON.stringify(line)}\n`)
    }
  }
  await writer.end()
}

async function replyWhole(
  state: ServerState,
  exchange: Exchange,
  model: string,
  shape: 'chat' | 'generate',
  events: AsyncGenerator<GenerationEvent>,
): Promise<void> {
  let content = ''
  let thinking = ''
  for await (const event of events) {
    if (event.kind === 'piece') {
      content += event.content
      thinking += event.thinking
      continue
    }
    if (event.ending === 'destroyed') return void exchange.response.destroy()
    if (event.ending === 'error-line') throw new Refusal(500, 'model runner has unexpectedly stopped')
    const ending = event.ending === 'done' ? last(event, exchange.fault) : { done: false }
    sendJson(exchange.response, 200, { ...frame(state, model, shape, content, thinking), ...ending })
  }
}

function frame(state: ServerState, model: string, shape: 'chat' | 'generate', content: string, thinking: string) {
  const head = { model, created_at: new Date(state.clock.now()).toISOString() }
  const thought = thinking === '' ? {} : { thinking }
  if (shape === 'generate') return { ...head, response: content, ...thought }
  return { ...head, message: { role: 'assistant', content, ...thought } }
}

function last(event: { readonly doneReason: string; readonly counters: Counters }, fault: OllamaFault | undefined) {
  const counters = fault?.fault === 'no-counters' ? {} : event.counters
  return { done: true, done_reason: event.doneReason, ...counters }
}
