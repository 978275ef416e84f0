import { decode } from './source.ts'

/** What the header of a file says about its names, as written. */
export interface Labels {
  /** Behind `diff --git `. */
  readonly git: string | null
  /** Behind `--- ` and `+++ `. */
  readonly old: string | null
  readonly new: string | null
  /** Behind `rename from ` or `copy from `, and `... to `. */
  readonly from: string | null
  readonly to: string | null
}

export interface Paths {
  readonly old: string | null
  readonly new: string | null
}

interface Names {
  readonly old: string
  readonly new: string
}

/** The names at base and head; null where the side does not exist or no name could be found. */
export function resolvePaths(labels: Labels, isBytes: boolean): Paths {
  if (labels.from !== null && labels.to !== null) {
    return { old: unquote(labels.from, isBytes), new: unquote(labels.to, isBytes) }
  }
  const names = labels.git === null ? null : splitGit(labels.git, isBytes)
  const old = labels.old === null ? (names?.old ?? null) : labelOf(labels.old, isBytes)
  const now = labels.new === null ? (names?.new ?? null) : labelOf(labels.new, isBytes)
  if (names !== null) return stripPair(names.old, names.new, old === null, now === null)
  if (old !== null && now !== null) return stripPair(old, now, false, false)
  return { old: old === null ? null : stripKnown(old, 'a/'), new: now === null ? null : stripKnown(now, 'b/') }
}

/** Removes `a/` and `b/` (or any other first folder git was told to print); equal names carry no prefix. */
function stripPair(old: string, now: string, isAdded: boolean, isDeleted: boolean): Paths {
  const hasPrefix = old !== now && old.includes('/') && now.includes('/')
  const strip = (name: string) => (hasPrefix ? name.slice(name.indexOf('/') + 1) : name)
  return { old: isAdded ? null : strip(old), new: isDeleted ? null : strip(now) }
}

function stripKnown(name: string, prefix: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name
}

/** The name on a `---` or `+++` line; git ends it with a tab when it holds a space, diff with a tab and a date. */
function labelOf(raw: string, isBytes: boolean): string | null {
  const name = raw.startsWith('"') ? unquote(raw, isBytes) : unquote(raw.replace(/\t.*$/, ''), isBytes)
  return name === '/dev/null' ? null : name
}

/** `a/x b/x`: names may hold spaces, so the place to split is where both halves name the same file. */
function splitGit(raw: string, isBytes: boolean): Names | null {
  if (raw.startsWith('"')) {
    const end = quoteEnd(raw)
    if (raw[end + 1] !== ' ') return null
    return { old: unquote(raw.slice(0, end + 1), isBytes), new: unquote(raw.slice(end + 2), isBytes) }
  }
  if (raw.endsWith('"')) {
    const start = raw.indexOf(' "')
    if (start === -1) return null
    return { old: unquote(raw.slice(0, start), isBytes), new: unquote(raw.slice(start + 1), isBytes) }
  }
  const middle = (raw.length - 1) / 2
  const equal = Number.isInteger(middle) && raw[middle] === ' ' ? splitAt(raw, middle, isBytes) : null
  if (equal !== null && isOneFile(equal)) return equal
  let at = raw.indexOf(' ')
  for (let tries = 0; at !== -1 && tries < maxSplits; tries++) {
    const names = splitAt(raw, at, isBytes)
    if (isOneFile(names)) return names
    at = raw.indexOf(' ', at + 1)
  }
  const only = raw.indexOf(' ')
  return only > 0 && only === raw.lastIndexOf(' ') ? splitAt(raw, only, isBytes) : null
}

/** Names of different length with more spaces than this before the split are nobody's file names. */
const maxSplits = 100

function splitAt(raw: string, at: number, isBytes: boolean): Names {
  return { old: unquote(raw.slice(0, at), isBytes), new: unquote(raw.slice(at + 1), isBytes) }
}

function isOneFile(names: Names): boolean {
  const paths = stripPair(names.old, names.new, false, false)
  return paths.old === paths.new
}

/** Offset of the quote that ends the name starting at offset 0. */
function quoteEnd(raw: string): number {
  let at = 1
  while (at < raw.length && raw[at] !== '"') at += raw[at] === '\\' ? 2 : 1
  return at
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 }

/** Undoes git's C-style quoting; a name without quotes is only decoded. */
function unquote(raw: string, isBytes: boolean): string {
  if (!raw.startsWith('"')) return isBytes ? decode(raw) : raw
  const inner = raw.slice(1, quoteEnd(raw))
  const parts: Buffer[] = []
  for (const [, octal, letter, plain] of inner.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\]+)/gsu)) {
    if (octal !== undefined) parts.push(Buffer.of(Number.parseInt(octal, 8) & 0xff))
    else if (letter !== undefined) parts.push(Buffer.of(escapes[letter] ?? letter.charCodeAt(0)))
    else if (plain !== undefined) parts.push(Buffer.from(plain, isBytes ? 'latin1' : 'utf8'))
  }
  return Buffer.concat(parts).toString('utf8')
}
