import type { z } from 'zod'

/** An answer of this size is no answer; parsing it would only cost memory. */
const maxChars = 400_000
const maxIssues = 5

export type ReadAnswer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string }

/** Reads a model's `content` as JSON of the given shape. The problem is one sentence that the model gets to read. */
export function readAnswer<T>(content: string, schema: z.ZodType<T>): ReadAnswer<T> {
  if (content.trim() === '') return { ok: false, problem: 'it is empty.' }
  if (content.length > maxChars) return { ok: false, problem: `it has ${content.length} characters, far too many.` }
  const json = parseJson(content)
  if (!json.ok) return json
  const result = schema.safeParse(json.value)
  if (result.success) return { ok: true, value: result.data }
  const issues = result.error.issues.slice(0, maxIssues).map(issueText)
  return { ok: false, problem: `${issues.join('; ')}.` }
}

function parseJson(content: string): ReadAnswer<unknown> {
  try {
    return { ok: true, value: JSON.parse(content) }
  } catch {
    // The parser's own message quotes the answer, and strangers' text may stand in it.
    const what = content.trimStart().startsWith('```') ? 'it stands in a code fence' : 'it is not one JSON object'
    return { ok: false, problem: `${what}.` }
  }
}

function issueText(issue: z.core.$ZodIssue): string {
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return `${path.replace(/^\./u, '') || 'the answer'}: ${issue.message}`
}
