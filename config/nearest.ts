/** The known word most like `word`, if one is near enough that somebody may have meant it. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length * 0.4))
  let best: { readonly text: string; readonly distance: number } | undefined
  for (const text of known) {
    if (Math.abs(text.length - word.length) > limit) continue
    const distance = editDistance(word.toLowerCase(), text.toLowerCase())
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { text, distance }
  }
  return best?.text ?? known.find((text) => text.endsWith(`/${word}`))
}

/** Levenshtein with swapped neighbours counted as one edit. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
