/**
 * Semantic versions of the prompt texts, written into every receipt. A change of wording raises the last number, a new question or
 * answer field the second, a change that makes answers incomparable the first.
 */
export const promptVersions = {
  find: '1.0.0',
  retry: '1.0.0',
  doubt: '1.0.0',
  ask: '1.0.0',
} as const

export type PromptName = keyof typeof promptVersions
