import type { Telemetry } from '../../../ports/telemetry.ts'
import { maskSecrets } from '../../../review/secrets/mask.ts'
import type { EngineUse } from '../engine-share.ts'
import type { EngineEnd } from './engine-end.ts'
import { isRecord } from './native.ts'

export interface Tracing {
  readonly telemetry: Telemetry
  /** Whether prompts and answers go into spans; secrets in them are masked. */
  readonly withPrompts: boolean
}

/** What a call says of itself while it runs. */
export interface CallTrace {
  /** Hears the whole answer before `ended`; undefined when nobody wants it. */
  readonly onAnswer: ((answer: string) => void) | undefined
  ended(end: EngineEnd, use: EngineUse): void
  failed(code: string): void
}

const OPERATIONS: Readonly<Record<string, string>> = {
  '/api/chat': 'chat',
  '/api/generate': 'text_completion',
  '/api/embed': 'embeddings',
}
/** Collectors refuse very long attributes. */
const MOST_CHARS = 100_000
const silent: CallTrace = { onAnswer: undefined, ended: () => {}, failed: () => {} }

/** A span around one call to a model, by the conventions for generative AI. */
export function tracedCall<T>(
  call: { readonly path: string; readonly model: string; readonly body: Readonly<Record<string, unknown>> },
  use: EngineUse,
  { telemetry, withPrompts }: Tracing,
  run: (trace: CallTrace) => Promise<T>,
): Promise<T> {
  const operation = OPERATIONS[call.path]
  if (!telemetry.isOn || operation === undefined) return run(silent)
  const facts = {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'ollama',
    'gen_ai.request.model': call.model,
    ...requestFacts(call.body),
    'gen_ai.input.messages': withPrompts ? inputOf(call.body) : undefined,
    'server.address': new URL(use.lease.address.url).host,
    'devloop.pod': use.lease.podName ?? undefined,
    'devloop.gpu': use.lease.gpu ?? undefined,
  }
  return telemetry.span({ name: `${operation} ${call.model}`, kind: 'client', facts }, (span) => {
    let said = ''
    return run({
      onAnswer: withPrompts
        ? (answer) => {
            said = saidIn(answer)
          }
        : undefined,
      ended({ usage, model, finishReason }) {
        span.set({
          'gen_ai.response.model': model,
          'gen_ai.response.finish_reasons': finishReason === undefined ? undefined : [finishReason],
          'gen_ai.usage.input_tokens': usage.promptTokens,
          'gen_ai.usage.output_tokens': operation === 'embeddings' ? undefined : usage.completionTokens,
          'gen_ai.output.messages': said === '' ? undefined : messages([{ role: 'assistant', text: said }]),
          'devloop.cost.microusd': use.costSoFar(),
        })
      },
      failed: (code) => span.fail(code),
    })
  })
}

/** The same bytes; `trace` hears them as text once they have ended, if it wants to. */
export function heard(body: AsyncIterable<Uint8Array>, { onAnswer }: CallTrace): AsyncIterable<Uint8Array> {
  return onAnswer === undefined ? body : overheard(body, onAnswer)
}

async function* overheard(
  body: AsyncIterable<Uint8Array>,
  onAnswer: (answer: string) => void,
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of body) {
      yield chunk
      if (text.length < MOST_CHARS) text += decoder.decode(chunk, { stream: true })
    }
  } finally {
    onAnswer(text)
  }
}

/** What the model said, in an answer of any length and of either kind. */
function saidIn(answer: string): string {
  return answer
    .split('\n')
    .map((line) => {
      try {
        const piece: unknown = JSON.parse(line)
        if (!isRecord(piece)) return ''
        const said = isRecord(piece.message) ? piece.message.content : piece.response
        return typeof said === 'string' ? said : ''
      } catch {
        return ''
      }
    })
    .join('')
}

function requestFacts({ options, format }: Readonly<Record<string, unknown>>) {
  const given = isRecord(options) ? options : {}
  const number = (name: string) => (typeof given[name] === 'number' ? given[name] : undefined)
  const { stop } = given
  return {
    'gen_ai.request.max_tokens': number('num_predict'),
    'gen_ai.request.temperature': number('temperature'),
    'gen_ai.request.top_p': number('top_p'),
    'gen_ai.request.top_k': number('top_k'),
    'gen_ai.request.seed': number('seed'),
    'gen_ai.request.frequency_penalty': number('frequency_penalty'),
    'gen_ai.request.presence_penalty': number('presence_penalty'),
    'gen_ai.request.stop_sequences': Array.isArray(stop) ? stop.map(String) : undefined,
    'gen_ai.output.type': format === undefined ? 'text' : 'json',
  }
}

function inputOf(body: Readonly<Record<string, unknown>>): string {
  if (!Array.isArray(body.messages)) return messages([{ role: 'user', text: asText(body.prompt ?? body.input) }])
  return messages(
    body.messages
      .filter(isRecord)
      .map(({ role, content }) => ({ role: typeof role === 'string' ? role : 'user', text: asText(content) })),
  )
}

function messages(said: readonly { readonly role: string; readonly text: string }[]): string {
  return JSON.stringify(
    said.map(({ role, text }) => ({
      role,
      parts: [{ type: 'text', content: maskSecrets(text.slice(0, MOST_CHARS)) }],
    })),
  )
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
