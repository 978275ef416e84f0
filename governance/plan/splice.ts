import type { Range, Splice } from './plan.ts'

/** Replaces pieces of `source`. Splices may come in any order; one that overlaps an earlier one is left out. */
export function applySplices(source: string, splices: readonly Splice[], within?: Range): string {
  const from = within?.start ?? 0
  const to = within?.end ?? source.length
  const parts: string[] = []
  let at = from
  for (const splice of [...splices].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (splice.start < at || splice.end > to) continue
    parts.push(source.slice(at, splice.start), splice.text)
    at = splice.end
  }
  parts.push(source.slice(at, to))
  return parts.join('')
}
