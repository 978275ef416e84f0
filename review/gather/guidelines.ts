import type { Guideline } from './inputs.ts'

/** Characters that all documents together may take of every prompt: about 2,500 tokens. */
const roomChars = 9_000

/** Documents of the base branch, each cut to a fair share, with a word where something was cut. */
export function cutGuidelines(
  documents: readonly { readonly path: string; readonly text: string | null }[],
): Guideline[] {
  const found = documents.flatMap(({ path, text }) => (text === null || text.trim() === '' ? [] : [{ path, text }]))
  const share = Math.floor(roomChars / Math.max(1, found.length))
  return found.map(({ path, text }) => ({ source: path, text: cut(text.trim(), share) }))
}

function cut(text: string, share: number): string {
  if (text.length <= share) return text
  const head = text.slice(0, share)
  const line = head.lastIndexOf('\n')
  return `${line > share / 2 ? head.slice(0, line) : head}\n(the rest of this document is not shown)`
}
