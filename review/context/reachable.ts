/**
 * The files of a tree that text can mean: those whose name it speaks of, as imports do, and those named after a symbol (`computeTax` in
 * `compute_tax.py`). Works for any language, since it compares names and parses none.
 */
export function reachablePaths(paths: Iterable<string>, text: string, symbols: readonly string[]): readonly string[] {
  const wanted = new Set((text.match(/[\p{L}\p{N}_$-]{3,}/gu) ?? []).map(plain))
  const named = new Set(symbols.map(plain))
  const found = [...paths].filter((path) => {
    const [, folder = '', stem = ''] = /(?:^|([^/]*)\/)([^/.]+)\.\w{1,5}$/u.exec(path) ?? []
    if (stem === '') return false
    // `index.ts`, `__init__.py` and the files of a Go package go by their folder.
    return wanted.has(plain(stem)) || wanted.has(plain(folder)) || named.has(plain(stem))
  })
  const rank = (path: string) => (named.has(plain(/([^/.]+)\.\w+$/u.exec(path)?.[1] ?? '')) ? 0 : 1)
  return found.sort((a, b) => rank(a) - rank(b))
}

/** Without signs and case: `orderTotal`, `order-total` and `order_total` are one. */
function plain(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase()
}
