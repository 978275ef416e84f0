import { ModelError } from '../../ports/errors.ts'
import type { ChatRequest, LoadOptions, Think } from '../../ports/model.ts'

/** How long a model stays loaded: for ever (-1) in a pod, which lives for its work only; as Ollama writes durations elsewhere. */
export type KeepAlive = -1 | string

/**
 * The body of `/api/chat`. `num_ctx`, `num_predict`, `shift:false` and `truncate:false` always stand in it: without them a prompt that
 * is too long loses its beginning with status 200 and no word about it.
 */
export function chatBody(
  request: ChatRequest,
  think: Think | undefined,
  keepAlive: KeepAlive,
): Readonly<Record<string, unknown>> {
  return {
    model: request.model,
    messages: request.messages,
    stream: true,
    shift: false,
    truncate: false,
    keep_alive: keepAlive,
    options: {
      ...loadOptions(request.load),
      num_predict: request.maxOutputTokens,
      temperature: request.temperature,
      seed: request.seed,
    },
    ...(request.schema === undefined ? {} : { format: request.schema }),
    ...(think === undefined ? {} : { think }),
  }
}

/** The options that decide how a model is loaded: warm-up, probes and calls send the same, or each change costs a reload. */
export function loadOptions(load: LoadOptions): Readonly<Record<string, number>> {
  return { num_ctx: load.contextTokens, ...(load.numBatch === undefined ? {} : { num_batch: load.numBatch }) }
}

/** Refuses, before anything is sent, what cannot fit. */
export function assertFits(request: ChatRequest): void {
  const prompt = request.estimatedPromptTokens ?? 0
  if (prompt + request.maxOutputTokens <= request.load.contextTokens) return
  throw new ModelError({
    code: 'too-long',
    owner: 'retry',
    message: `A prompt of about ${prompt} tokens and an answer of up to ${request.maxOutputTokens} do not fit a window of ${request.load.contextTokens}.`,
    remedy: 'Split the prompt, or ask for a shorter answer.',
    facts: { promptTokens: prompt, outputTokens: request.maxOutputTokens, contextTokens: request.load.contextTokens },
  })
}
