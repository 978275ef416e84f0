import type { ModelFacts, Think } from '../../ports/model.ts'

/**
 * What to send as `think`. Thinking models think unless told not to; gpt-oss cannot be told not to and wants a level; any other model
 * refuses `true` with 400.
 */
export function thinkFor(model: string, wanted: Think | undefined, facts: ModelFacts | undefined): Think | undefined {
  if (wanted === undefined) return undefined
  if (isGptOss(model)) return wanted === false ? 'low' : wanted === true ? 'medium' : wanted
  if (wanted === false) return false
  if (facts !== undefined && !facts.capabilities.includes('thinking')) return undefined
  return true
}

/** Only then does the answer depend on what the model can do. */
export function needsFacts(model: string, wanted: Think | undefined): boolean {
  return wanted !== undefined && wanted !== false && !isGptOss(model)
}

function isGptOss(model: string): boolean {
  return /(^|\/)gpt-oss\b/i.test(model)
}
