import { type ErrorOwner, ModelError, type ModelErrorCode } from '../../ports/errors.ts'

/** An answer that is not 2xx, whatever sent it: Ollama, the guard, or a proxy in between. */
export interface OllamaRefusal {
  readonly call: string
  readonly status: number
  readonly body: string
  readonly retryAfterMs: number | undefined
}

interface Verdict {
  readonly code: ModelErrorCode
  readonly owner: ErrorOwner
  readonly remedy: string
}

const TOO_LONG =
  /context (length|size|window)|longer than the context|exceeds? the (available )?context|exceed_context_size|prompt is too long/i

const VERDICTS = {
  tooLong: { code: 'too-long', owner: 'retry', remedy: 'Split the prompt, or load the model with a larger window.' },
  refused: { code: 'refused-input', owner: 'operator', remedy: 'Correct the request; trying again changes nothing.' },
  missing: { code: 'model-missing', owner: 'user', remedy: 'Check the model tag, or pull it first.' },
  host: {
    code: 'unauthorized',
    owner: 'operator',
    remedy:
      'Rewrite the Host header to localhost in the proxy in front of Ollama: it refuses foreign hosts with an empty 403.',
  },
  token: { code: 'unauthorized', owner: 'operator', remedy: 'Check the bearer token for this engine.' },
  busy: { code: 'busy', owner: 'retry', remedy: 'Try again in a moment.' },
  crashed: {
    code: 'crashed',
    owner: 'retry',
    remedy: 'Try once more; if it stays, lower the window or choose a smaller model.',
  },
  notReady: { code: 'not-ready', owner: 'retry', remedy: 'Wait until the engine is up.' },
  proxyTimeout: {
    code: 'timeout',
    owner: 'retry',
    remedy: 'The proxy waited in vain for a first byte; try again once the model is loaded.',
  },
  aborted: { code: 'aborted', owner: 'retry', remedy: 'The call was cancelled.' },
} as const satisfies Record<string, Verdict>

/** Turns a refusal into one typed error. Ollama answers JSON; HTML or nothing comes from a proxy, and means the road, not the model. */
export function modelErrorFrom(refusal: OllamaRefusal): ModelError {
  const text = errorTextOf(refusal.body)
  const verdict = judge(refusal, text)
  return new ModelError({
    ...verdict,
    message: `${refusal.call} was answered with ${refusal.status}${text === undefined ? ' and no readable error' : `: "${text}"`}.`,
    facts: { status: refusal.status, detail: text ?? null },
    ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: refusal.retryAfterMs }),
  })
}

/** The error line that ends a stream which began with 200; `status` when our guard tells what it could no longer send. */
export function midStreamError(call: string, error: unknown, status = 500): ModelError {
  const body = JSON.stringify({ error: typeof error === 'string' || typeof error === 'object' ? error : String(error) })
  return modelErrorFrom({ call, status, body, retryAfterMs: undefined })
}

/** The connection could not be made (`not-ready`) or was cut. */
export function brokenConnection(call: string, begun: boolean, cause: unknown): ModelError {
  return new ModelError({
    code: begun ? 'incomplete' : 'not-ready',
    owner: 'retry',
    message: begun
      ? `The connection broke while ${call} was answering.`
      : `${call} could not be sent: ${reasonOf(cause)}.`,
    remedy: begun
      ? 'Try again; what came so far is no result.'
      : 'Check that the engine is up and its address is right.',
    cause,
  })
}

export function abortedCall(call: string, cause: unknown): ModelError {
  return new ModelError({ ...VERDICTS.aborted, message: `${call} was stopped by the caller.`, cause })
}

export function unreadableAnswer(call: string, cause: unknown): ModelError {
  return new ModelError({
    code: 'unreadable',
    owner: 'retry',
    message: `${call} was answered in a form that Ollama does not use.`,
    remedy: 'Check that the address leads to an Ollama and not to another service.',
    cause,
  })
}

function judge({ status, body }: OllamaRefusal, text: string | undefined): Verdict {
  const fromOllama = text !== undefined
  if (fromOllama && TOO_LONG.test(text) && (status === 400 || status === 413 || status === 500)) return VERDICTS.tooLong
  switch (status) {
    case 401:
      return VERDICTS.token
    case 403:
      return body.trim() === '' ? VERDICTS.host : VERDICTS.token
    case 404:
      return fromOllama ? VERDICTS.missing : VERDICTS.notReady
    case 429:
      return VERDICTS.busy
    case 499:
      return VERDICTS.aborted
    case 503:
      return fromOllama ? VERDICTS.busy : VERDICTS.notReady
    case 408:
    case 504:
    case 524:
      return VERDICTS.proxyTimeout
  }
  if (status === 500) return VERDICTS.crashed
  return status > 500 ? VERDICTS.notReady : VERDICTS.refused
}

/** `{"error":"text"}`, or `{"error":{"message"}}` as the OpenAI routes and llama-server write it. */
function errorTextOf(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null || !('error' in parsed)) return undefined
    const { error } = parsed
    if (typeof error === 'string') return clip(error)
    if (typeof error === 'object' && error !== null && 'message' in error) return clip(String(error.message))
    return undefined
  } catch {
    return undefined
  }
}

const MAX_TEXT = 500

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : ''
  return `${cause.message}${inner}`
}
