import { tokenize } from './tokens.ts'

export interface PromptMessage {
  readonly role: string
  readonly content: string
}

export interface WindowOptions {
  readonly contextLength: number
  readonly numKeep: number
  /** The request's `truncate`; absent is true. */
  readonly truncate: boolean
  /** The runner's `shift`; absent is true. */
  readonly shift: boolean
}

export type FittedPrompt =
  | { readonly kind: 'fits'; readonly messages: readonly PromptMessage[]; readonly promptTokens: number }
  | { readonly kind: 'refused'; readonly error: string }

/** Tokens that role marks add around one message. */
const tokensPerMessage = 4

/**
 * What happens to a prompt that may be larger than the window, as the server does it: older messages
 * vanish, then the middle vanishes down to half the window, and nothing in the reply says so.
 */
export function fitPrompt(messages: readonly PromptMessage[], options: WindowOptions): FittedPrompt {
  let kept = [...messages]
  if (options.truncate) {
    while (promptTokens(kept) > options.contextLength) {
      const oldest = kept.findIndex((message, index) => message.role !== 'system' && index < kept.length - 1)
      if (oldest < 0) break
      kept = kept.toSpliced(oldest, 1)
    }
  }
  const tokens = promptTokens(kept)
  if (tokens <= options.contextLength) return { kind: 'fits', messages: kept, promptTokens: tokens }
  if (options.shift) return cutMiddle(kept, options)
  if (options.truncate) {
    return {
      kind: 'refused',
      error:
        'the prompt is longer than the context length currently available to the model; shorten the prompt or raise the context length',
    }
  }
  return { kind: 'refused', error: runnerRefusal(tokens, options.contextLength) }
}

export function promptTokens(messages: readonly PromptMessage[]): number {
  return messages.reduce((sum, message) => sum + tokenize(message.content).length + tokensPerMessage, 0)
}

function cutMiddle(messages: readonly PromptMessage[], options: WindowOptions): FittedPrompt {
  const target = Math.floor(options.contextLength / 2)
  const tokens = messages.flatMap((message) => tokenize(message.content))
  const head = tokens.slice(0, options.numKeep)
  const tail = tokens.slice(tokens.length - (target - head.length - tokensPerMessage))
  const last = messages.at(-1)
  return {
    kind: 'fits',
    messages: [{ role: last?.role ?? 'user', content: [...head, ...tail].join('') }],
    promptTokens: target,
  }
}

/** The inner server's own JSON arrives as text inside `error`. */
function runnerRefusal(tokens: number, contextLength: number): string {
  return JSON.stringify({
    error: {
      code: 400,
      message: `request (${tokens} tokens) exceeds the available context size (${contextLength} tokens), try increasing it`,
      type: 'exceed_context_size_error',
      n_prompt_tokens: tokens,
      n_ctx: contextLength,
    },
  })
}
