import type { ChatRequest } from '../../ports/model.ts'

/** Ollama cuts a too long prompt in the middle to about half the window. */
const HALF_WINDOW_TOLERANCE = 0.02
const LEAST_TOLERANCE_TOKENS = 8
/** Estimates are off by a third at worst; half of the estimate is no estimating error. */
const FAR_BELOW = 0.5
const SOMEWHAT_BELOW = 0.85
/** No tokeniser in use needs a token for more than so many characters of source text, on the average of a long prompt. */
const MOST_CHARS_PER_TOKEN = 8

/** Whether the count of prompt tokens shows that the model saw only a part of the prompt. A count of 0 was not told. */
export function isTruncated(request: ChatRequest, promptTokens: number): boolean {
  if (promptTokens === 0) return false
  const estimate = request.estimatedPromptTokens ?? leastTokens(request)
  if (promptTokens < estimate * FAR_BELOW) return true
  const half = request.load.contextTokens / 2
  const isNearHalf = Math.abs(promptTokens - half) <= Math.max(LEAST_TOLERANCE_TOKENS, half * HALF_WINDOW_TOLERANCE)
  return isNearHalf && promptTokens < estimate * SOMEWHAT_BELOW
}

function leastTokens(request: ChatRequest): number {
  return request.messages.reduce((sum, message) => sum + message.content.length, 0) / MOST_CHARS_PER_TOKEN
}
