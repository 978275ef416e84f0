import { createHash } from 'node:crypto'
import type { ChatAnswer, ChatMessage, ModelEngine } from '../../ports/model.ts'
import type { ModelSettings } from '../models.ts'

/** One model, ready to be asked: everything that is the same for all calls of a review. */
export interface ModelVoice {
  readonly engine: ModelEngine
  readonly model: string
  readonly settings: ModelSettings
  readonly seed: number
  readonly signal: AbortSignal
  /** Learnt; null as long as nothing is known of this model. */
  readonly tokensPerChar: number | null
  /** Told after every call, answered or not. */
  readonly onCall?: (call: {
    readonly ok: boolean
    readonly promptTokens: number
    readonly completionTokens: number
  }) => void
}

export interface Asked {
  readonly answer: ChatAnswer
  readonly promptHash: string
  readonly promptChars: number
}

/** Asks once. Throws `ModelError`; the caller decides what may be asked again. */
export async function askModel(
  voice: ModelVoice,
  messages: readonly ChatMessage[],
  schema: Readonly<Record<string, unknown>>,
  attempt = 0,
): Promise<Asked> {
  const { settings, tokensPerChar } = voice
  const promptChars = messages.reduce((sum, message) => sum + message.content.length, 0)
  const request = {
    model: voice.model,
    messages,
    schema,
    load: settings.load,
    maxOutputTokens: settings.maxOutputTokens,
    temperature: 0,
    // At temperature 0 the same seed would loop in the same place again.
    seed: voice.seed + attempt,
    ...(settings.think === undefined ? {} : { think: settings.think }),
    ...(tokensPerChar === null ? {} : { estimatedPromptTokens: Math.round(promptChars * tokensPerChar) }),
  }
  try {
    const answer = await voice.engine.chat(request, { signal: voice.signal })
    voice.onCall?.({ ok: true, promptTokens: answer.promptTokens, completionTokens: answer.completionTokens })
    return { answer, promptHash: promptHash(messages), promptChars }
  } catch (error) {
    voice.onCall?.({ ok: false, promptTokens: 0, completionTokens: 0 })
    throw error
  }
}

/** SHA-256 over roles and texts, for the receipt. */
export function promptHash(messages: readonly ChatMessage[]): string {
  return createHash('sha256')
    .update(JSON.stringify(messages.map(({ role, content }) => [role, content])))
    .digest('hex')
}
