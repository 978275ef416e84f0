/**
 * The files of a tree that text can mean: those whose name it speaks of, as imports do, and those named after a symbol (`computeTax` in
 * `compute_tax.py`). Works for any language, since it compares names and parses none.
 */
export function reachablePaths(paths: Iterable<string>, text: string, symbols: readonly string[]): readonly string[] {
  const wanted = new Set((text.match(/[\p{L}\p{N}_$-]{3,}/gu) ?? []).map(plain))
  const named = new Set(symbols.map(plain))
  const found = [...paths].filter((path) => {
    const { folder, stem } = nameOf(path)
    if (stem === '') return false
    // `index.ts`, `__init__.py` and the files of a Go package go by their folder.
    return wanted.has(plain(stem)) || wanted.has(plain(folder)) || named.has(plain(stem))
  })
  const rank = (path: string) => (named.has(plain(nameOf(path).stem)) ? 0 : 1)
  return found.sort((a, b) => rank(a) - rank(b))
}

/** The folder a file lies in, and its name without the ending; no stem for names of other forms. */
function nameOf(path: string): { readonly folder: string; readonly stem: string } {
  const parts = path.split('/')
  const [, stem = ''] = /^([^.]+)\.\w{1,5}$/u.exec(parts.at(-1) ?? '') ?? []
  return { folder: parts.at(-2) ?? '', stem }
}

/** Without signs and case: `orderTotal`, `order-total` and `order_total` are one. */
function plain(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase()
}
