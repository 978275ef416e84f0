import { nearest } from '../../config/nearest.ts'
import type { TaskScope } from './plan.ts'

export const NO_SCOPE: TaskScope = { paths: [], depends: [], cites: [], issues: [], deferred: null, other: [] }

const KEYS = ['paths', 'depends', 'cites', 'issues', 'deferred'] as const
type Key = (typeof KEYS)[number]

function isKey(word: string): word is Key {
  return KEYS.some((key) => key === word)
}

export interface ScopeReading {
  readonly scope: TaskScope
  readonly problems: readonly string[]
}

/** Reads what stands between the braces: `paths: a/**, b/*.ts; depends: T-001`. Undefined when no key of it is known. */
export function readScope(inner: string): ScopeReading | undefined {
  const entries = splitOutside(inner, ';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  let scope = NO_SCOPE
  let known = 0
  const problems: string[] = []
  for (const entry of entries) {
    const reading = readScopeEntry(entry)
    if (reading === undefined) {
      const key = entry.split(':', 1)[0]?.trim() ?? ''
      const near = nearest(key, KEYS)
      problems.push(
        `"${key.slice(0, 40)}" is not a key of a task's scope; ${near ? `did you mean "${near}"?` : `known are ${KEYS.join(', ')}`}`,
      )
      scope = { ...scope, other: [...scope.other, entry] }
      continue
    }
    known += 1
    problems.push(...reading.problems)
    scope = mergeScopes(scope, reading.scope)
  }
  return known === 0 ? undefined : { scope, problems }
}

/** Reads one entry such as `paths: a/**, b/*.ts`; undefined when its key is unknown. */
export function readScopeEntry(entry: string): ScopeReading | undefined {
  const colon = entry.indexOf(':')
  const key = entry.slice(0, colon).trim().toLowerCase()
  if (colon < 0 || !isKey(key)) return undefined
  const value = entry.slice(colon + 1).trim()
  if (key === 'deferred') return { scope: { ...NO_SCOPE, deferred: plainReason(value) }, problems: [] }
  const words = splitOutside(value, ',')
    .map(unquoted)
    .filter((word) => word !== '')
  if (key === 'issues') {
    const numbers = words.map((word) => Number(/^#?(\d{1,9})$/u.exec(word)?.[1] ?? Number.NaN))
    const problems = words
      .filter((_, index) => Number.isNaN(numbers[index]))
      .map((word) => `"${word.slice(0, 40)}" is not an issue number such as #12`)
    return { scope: { ...NO_SCOPE, issues: numbers.filter((number) => !Number.isNaN(number)) }, problems }
  }
  const problems =
    key === 'paths'
      ? words.filter(leavesRepository).map((word) => `the path "${word.slice(0, 80)}" leaves the repository`)
      : []
  return { scope: { ...NO_SCOPE, [key]: words }, problems }
}

/** A reason as it can stand between braces. */
export function plainReason(text: string): string {
  return text.replaceAll(/[;{}"`\s]+/gu, ' ').trim() || 'no reason given'
}

export function mergeScopes(a: TaskScope, b: TaskScope): TaskScope {
  return {
    paths: [...a.paths, ...b.paths],
    depends: [...a.depends, ...b.depends],
    cites: [...a.cites, ...b.cites],
    issues: [...a.issues, ...b.issues],
    deferred: b.deferred ?? a.deferred,
    other: [...a.other, ...b.other],
  }
}

/** The braces that say `scope`; empty when there is nothing to say. */
export function renderScope(scope: TaskScope): string {
  const entries = [
    list('paths', scope.paths.map(quoted)),
    list('depends', scope.depends.map(quoted)),
    list('cites', scope.cites.map(quoted)),
    list(
      'issues',
      scope.issues.map((number) => `#${number}`),
    ),
    scope.deferred === null ? [] : [`deferred: ${scope.deferred}`],
    scope.other,
  ].flat()
  return entries.length === 0 ? '' : `{${entries.join('; ')}}`
}

function list(key: string, words: readonly string[]): string[] {
  return words.length === 0 ? [] : [`${key}: ${words.join(', ')}`]
}

function quoted(word: string): string {
  return /[,;"{}`\s]|^'/u.test(word) && !/^[^",;`\s]*\{[^"{}`\s]*\}[^",;`\s]*$/u.test(word)
    ? JSON.stringify(word)
    : word
}

function unquoted(raw: string): string {
  const word = raw.trim().replace(/^`(.*)`$/su, '$1')
  if (word.length >= 2 && word.startsWith('"') && word.endsWith('"'))
    return word.slice(1, -1).replaceAll(/\\(["\\])/gu, '$1')
  return word.replaceAll(/\\([*_[\]{}])/gu, '$1')
}

function leavesRepository(path: string): boolean {
  return path.startsWith('/') || path.split('/').includes('..')
}

/** Splits at `sign` outside of quotes and of braces. */
function splitOutside(text: string, sign: ',' | ';'): string[] {
  const parts: string[] = []
  let depth = 0
  let inQuotes = false
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (inQuotes && char === '\\') index += 1
    else if (char === '"') inQuotes = !inQuotes
    else if (inQuotes) continue
    else if (char === '{') depth += 1
    else if (char === '}') depth -= 1
    else if (char === sign && depth === 0) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, text.slice(start)]
}

/** The last balanced `{...}` of a text, if the text ends with it. */
export function findTrailingBraces(text: string): { readonly before: string; readonly inner: string } | undefined {
  const wrapped = text.endsWith('}`')
  const end = wrapped ? text.length - 1 : text.length
  if (text[end - 1] !== '}') return undefined
  let depth = 0
  for (let index = end - 1; index >= 0; index--) {
    if (text[index] === '}') depth += 1
    if (text[index] === '{') depth -= 1
    if (depth > 0) continue
    const before = wrapped && text[index - 1] === '`' ? text.slice(0, index - 1) : text.slice(0, index)
    return { before: before.trimEnd(), inner: text.slice(index + 1, end - 1) }
  }
  return undefined
}
