import picomatch from 'picomatch'

const OPTIONS = { dot: true, nonegate: true } as const
const MAX_CACHED = 2000
const cache = new Map<string, PathPattern>()

/** A glob, compiled. `prefix` is the literal beginning that each matching path has. */
export interface PathPattern {
  readonly prefix: string
  matches(path: string): boolean
}

/** Compiles a glob; the most common forms (`a/b.ts`, `dir/**`) without a regular expression. */
export function compilePath(glob: string): PathPattern {
  const known = cache.get(glob)
  if (known) return known
  if (cache.size >= MAX_CACHED) cache.clear()
  const pattern = compile(glob)
  cache.set(glob, pattern)
  return pattern
}

function compile(glob: string): PathPattern {
  if (!/[*?[\]{}()!+@\\]/u.test(glob))
    return { prefix: glob, matches: (path) => path === glob || path.startsWith(`${glob}/`) }
  const folder = /^([^*?[\]{}()!+@\\]+\/)\*\*$/u.exec(glob)?.[1]
  if (folder !== undefined) {
    const bare = folder.slice(0, -1)
    return { prefix: bare, matches: (path) => path.startsWith(folder) || path === bare }
  }
  const extension = /^\*\*\/\*(\.[\w.-]+)$/u.exec(glob)?.[1]
  if (extension !== undefined) return { prefix: '', matches: (path) => path.endsWith(extension) }
  const literal = /^[^*?[\]{}()!+@\\]*/u.exec(glob)?.[0] ?? ''
  const test = picomatch(glob, OPTIONS)
  return { prefix: literal.slice(0, Math.max(0, literal.lastIndexOf('/'))), matches: (path) => test(path) }
}

/** Sorted paths that answer "which of them match" by looking only where a pattern can match. */
export class PathIndex {
  readonly #sorted: readonly string[]

  constructor(paths: Iterable<string>) {
    this.#sorted = [...new Set(paths)].sort()
  }

  get all(): readonly string[] {
    return this.#sorted
  }

  some(glob: string): string | undefined {
    return this.#scan(glob).next().value ?? undefined
  }

  matching(glob: string): readonly string[] {
    return [...this.#scan(glob)]
  }

  *#scan(glob: string): Generator<string, undefined> {
    const pattern = compilePath(glob)
    for (let index = this.#firstAtLeast(pattern.prefix); index < this.#sorted.length; index++) {
      const path = this.#sorted[index]
      if (path === undefined || !path.startsWith(pattern.prefix)) return undefined
      if (pattern.matches(path)) yield path
    }
    return undefined
  }

  #firstAtLeast(prefix: string): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#sorted[middle] ?? '') < prefix) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Login and branch patterns where only `*` means something: `*[bot]` is no character class. */
export function matchesLogin(pattern: string, login: string): boolean {
  const parts = pattern.toLowerCase().split('*')
  const text = login.toLowerCase()
  const [first = '', ...rest] = parts
  if (rest.length === 0) return text === first
  const last = rest.pop() ?? ''
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > text.length - last.length) return false
    at = found + part.length
  }
  return true
}
