import { z } from 'zod'
import { type Generation, generate } from './generation.ts'
import { embed, findOnDisk, tags } from './library.ts'
import type { Exchange } from './native.ts'
import { Refusal } from './refusal.ts'
import { LineWriter, sendJson } from './reply.ts'
import { parseBody } from './request.ts'
import type { ServerState } from './server-state.ts'

const content = z.union([
  z.string(),
  z.null(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
])

const completionRequest = z.looseObject({
  model: z.string().default(''),
  messages: z.array(z.looseObject({ role: z.string(), content: content.optional() })).default([]),
  max_tokens: z.number().nullish(),
  max_completion_tokens: z.number().nullish(),
  temperature: z.number().nullish(),
  seed: z.number().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.looseObject({ schema: z.unknown() }).optional() })
    .nullish(),
  reasoning_effort: z.string().nullish(),
})

/** POST /v1/chat/completions: cannot set the window, so the server's default rules. */
export async function chatCompletions(state: ServerState, exchange: Exchange): Promise<void> {
  const request = parseBody(completionRequest, exchange.body)
  const model = findOnDisk(state, request.model)
  if (request.messages.length === 0) throw new Refusal(400, '[] is too short - messages')
  const limit = request.max_completion_tokens ?? request.max_tokens
  const generation: Generation = {
    model,
    messages: request.messages.map((message) => ({ role: message.role, content: textOf(message.content) })),
    format: formatOf(request.response_format),
    think: model.capabilities.includes('thinking') && request.reasoning_effort !== 'none',
    options: limit === null || limit === undefined ? {} : { num_predict: limit },
    truncate: true,
    shift: true,
    keepAliveMs: undefined,
    fault: exchange.fault,
    signal: exchange.signal,
  }
  const id = `chatcmpl-${Math.floor(state.clock.now() % 1_000)}`
  const created = Math.floor(state.clock.now() / 1_000)
  const head = { id, created, model: request.model, system_fingerprint: 'fp_ollama' }
  if (request.stream) return stream(state, exchange, generation, head, request.stream_options?.include_usage ?? false)
  let text = ''
  let reasoning = ''
  for await (const event of generate(state, generation)) {
    if (event.kind === 'piece') {
      text += event.content
      reasoning += event.thinking
      continue
    }
    if (event.ending === 'destroyed') return void exchange.response.destroy()
    if (event.ending === 'error-line') throw new Refusal(500, 'model runner has unexpectedly stopped')
    const message = { role: 'assistant', content: text, ...(reasoning === '' ? {} : { reasoning }) }
    sendJson(exchange.response, 200, {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: event.ending === 'done' ? event.doneReason : '' }],
      usage: usage(event.counters),
    })
  }
}

async function stream(
  state: ServerState,
  exchange: Exchange,
  generation: Generation,
  head: Readonly<Record<string, unknown>>,
  wantsUsage: boolean,
): Promise<void> {
  const writer = new LineWriter(exchange.response, 'text/event-stream', state.options.chunks)
  const write = (event: unknown): Promise<void> => writer.write(`data: ${JSON.stringify(event)}\n\n`)
  const chunk = { ...head, object: 'chat.completion.chunk' }
  for await (const event of generate(state, generation)) {
    if (event.kind === 'piece') {
      const delta = {
        role: 'assistant',
        content: event.content,
        ...(event.thinking === '' ? {} : { reasoning: event.thinking }),
      }
      await write({ ...chunk, choices: [{ index: 0, delta, finish_reason: null }] })
      continue
    }
    if (event.ending === 'destroyed') return void exchange.response.destroy()
    if (event.ending === 'error-line') {
      await write({
        error: { message: 'model runner has unexpectedly stopped', type: 'api_error', param: null, code: null },
      })
    }
    if (event.ending !== 'done') break
    const delta = { role: 'assistant', content: '' }
    await write({ ...chunk, choices: [{ index: 0, delta, finish_reason: event.doneReason }] })
    if (wantsUsage) await write({ ...chunk, choices: [], usage: usage(event.counters) })
    await writer.write('data: [DONE]\n\n')
  }
  await writer.end()
}

/** POST /v1/embeddings */
export async function embeddings(state: ServerState, exchange: Exchange): Promise<void> {
  const { model, embeddings: vectors, prompt_eval_count: tokens } = await embed(state, exchange)
  sendJson(exchange.response, 200, {
    object: 'list',
    model,
    data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

/** GET /v1/models */
export function models(state: ServerState): unknown {
  const { models: onDisk } = z.object({ models: z.array(z.object({ name: z.string() })) }).parse(tags(state))
  const created = Math.floor(state.clock.now() / 1_000)
  return {
    object: 'list',
    data: onDisk.map(({ name }) => ({ id: name, object: 'model', created, owned_by: 'library' })),
  }
}

/** The OpenAI shape of an error. */
export function openaiError(status: number, message: string): unknown {
  const type = status === 404 ? 'not_found_error' : status < 500 ? 'invalid_request_error' : 'api_error'
  return { error: { message, type, param: null, code: null } }
}

function textOf(value: z.infer<typeof content> | undefined): string {
  if (typeof value === 'string') return value
  return (value ?? []).map((part) => part.text ?? '').join('')
}

function formatOf(responseFormat: z.infer<typeof completionRequest>['response_format']): unknown {
  if (responseFormat?.type === 'json_schema') return responseFormat.json_schema?.schema
  return responseFormat?.type === 'json_object' ? 'json' : undefined
}

function usage(counters: { readonly prompt_eval_count: number; readonly eval_count: number }) {
  const { prompt_eval_count: prompt, eval_count: completion } = counters
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}
