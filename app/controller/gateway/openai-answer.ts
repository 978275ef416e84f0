import { z } from 'zod'
import { readLines } from '../../../ports/read-lines.ts'

const toolCall = z.object({
  id: z.string().optional(),
  function: z.object({ name: z.string(), arguments: z.unknown() }),
})
const nativePiece = z.object({
  model: z.string().optional(),
  message: z
    .object({
      content: z.string().default(''),
      thinking: z.string().optional(),
      tool_calls: z.array(toolCall).optional(),
    })
    .optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional(),
  prompt_eval_count: z.number().optional(),
  eval_count: z.number().optional(),
  error: z.string().optional(),
})
type NativePiece = z.infer<typeof nativePiece>

export interface AnswerFrame {
  readonly id: string
  readonly model: string
  /** Seconds since the epoch, as OpenAI counts. */
  readonly createdSeconds: number
  readonly includeUsage: boolean
}

/** Ollama's stream as OpenAI's server-sent events. A stream that ends without `done` ends in an error, never in `[DONE]`. */
export async function* toOpenAiEvents(body: AsyncIterable<Uint8Array>, frame: AnswerFrame): AsyncGenerator<Uint8Array> {
  let toolCalls = 0
  for await (const line of readLines(body)) {
    const piece = nativePiece.parse(JSON.parse(line))
    if (piece.error !== undefined) {
      yield event({ error: { message: piece.error, type: 'api_error', param: null, code: 'engine' } })
      return
    }
    const calls = (piece.message?.tool_calls ?? []).map((call, index) => ({
      index: toolCalls + index,
      ...openAiToolCall(call, frame.id, toolCalls + index),
    }))
    toolCalls += calls.length
    const delta = {
      // In every one, as Ollama's own compatible route has it.
      role: 'assistant',
      ...(piece.message ? { content: piece.message.content } : {}),
      ...(piece.message?.thinking ? { reasoning: piece.message.thinking } : {}),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    }
    const finish = piece.done ? finishReason(piece, toolCalls > 0) : null
    yield event({ ...head(frame, 'chat.completion.chunk'), choices: [{ index: 0, delta, finish_reason: finish }] })
    if (!piece.done) continue
    if (frame.includeUsage) yield event({ ...head(frame, 'chat.completion.chunk'), choices: [], usage: usageOf(piece) })
    yield encode('data: [DONE]\n\n')
    return
  }
  yield event({
    error: {
      message: 'The engine stopped in the middle of its answer.',
      type: 'api_error',
      param: null,
      code: 'incomplete',
    },
  })
}

/** Ollama's one object as OpenAI's. */
export async function* toOpenAiObject(body: AsyncIterable<Uint8Array>, frame: AnswerFrame): AsyncGenerator<Uint8Array> {
  for await (const line of readLines(body)) {
    const piece = nativePiece.parse(JSON.parse(line))
    if (piece.error !== undefined || !piece.done) {
      const message = piece.error ?? 'The engine stopped in the middle of its answer.'
      yield encode(JSON.stringify({ error: { message, type: 'api_error', param: null, code: 'incomplete' } }))
      return
    }
    const calls = (piece.message?.tool_calls ?? []).map((call, index) => openAiToolCall(call, frame.id, index))
    const answer = {
      role: 'assistant',
      content: piece.message?.content ?? '',
      ...(piece.message?.thinking ? { reasoning: piece.message.thinking } : {}),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    }
    const choices = [{ index: 0, message: answer, finish_reason: finishReason(piece, calls.length > 0) }]
    yield encode(JSON.stringify({ ...head(frame, 'chat.completion'), choices, usage: usageOf(piece) }))
    return
  }
}

const embedding = z.object({
  model: z.string(),
  embeddings: z.array(z.array(z.number())),
  prompt_eval_count: z.number().optional(),
})

/** Ollama's embeddings as OpenAI's list. */
export async function* toOpenAiEmbeddings(
  body: AsyncIterable<Uint8Array>,
  asBase64: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const line of readLines(body)) {
    const answer = embedding.parse(JSON.parse(line))
    const tokens = answer.prompt_eval_count ?? 0
    const entries = answer.embeddings.map((vector, index) => ({
      object: 'embedding',
      index,
      // The openai package asks for base64 by default and decodes little-endian 32-bit floats.
      embedding: asBase64 ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector,
    }))
    const usage = { prompt_tokens: tokens, total_tokens: tokens }
    yield encode(JSON.stringify({ object: 'list', data: entries, model: answer.model, usage }))
  }
}

function head(frame: AnswerFrame, object: string) {
  return { id: frame.id, object, created: frame.createdSeconds, model: frame.model, system_fingerprint: 'fp_devloop' }
}

function openAiToolCall(call: z.infer<typeof toolCall>, frameId: string, index: number) {
  return {
    id: call.id ?? `call_${frameId}_${index}`,
    type: 'function',
    function: { name: call.function.name, arguments: JSON.stringify(call.function.arguments ?? {}) },
  }
}

function finishReason(piece: NativePiece, hasToolCalls: boolean): string {
  if (hasToolCalls) return 'tool_calls'
  return piece.done_reason === 'length' ? 'length' : 'stop'
}

function usageOf(piece: NativePiece) {
  const prompt = piece.prompt_eval_count ?? 0
  const completion = piece.eval_count ?? 0
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
}

function event(value: unknown): Uint8Array {
  return encode(`data: ${JSON.stringify(value)}\n\n`)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
