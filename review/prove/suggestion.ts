import { maskSign } from '../secrets/mask.ts'
import type { LineSpan } from './anchor.ts'

export interface SuggestionRequest {
  readonly suggestion: string
  readonly path: string
  /** Lines of the head that it may be meant to replace, the likeliest first. */
  readonly spans: readonly LineSpan[]
  /** The whole file at the head. */
  readonly headText: string
  /** True, false, or null where no parser is to be had. */
  readonly parses: (path: string, text: string) => boolean | null
}

export type ProvedSuggestion =
  | { readonly kind: 'proved'; readonly text: string; readonly span: LineSpan }
  | { readonly kind: 'refused'; readonly reason: SuggestionFault }

export type SuggestionFault =
  | 'outside-file'
  | 'too-long'
  | 'changes-nothing'
  | 'breaks-syntax'
  | 'breaks-fence'
  | 'hidden-characters'
  | 'masked'
  | 'empty'

const maxCharacters = 4000
const maxLines = 60

/**
 * Makes a suggestion fit to be committed with a click, or refuses it: it replaces just these lines, at their indentation, without
 * repeating the lines around them, changes something, and the file still parses if it did before. Of several spans it is meant
 * for the one it changes least.
 */
export function proveSuggestion(request: SuggestionRequest): ProvedSuggestion {
  const raw = unwrap(request.suggestion)
  const fault = faultOf(raw)
  if (fault !== null) return refused(fault)
  const head = request.headText.split('\n').map((text) => text.replace(/\r$/u, ''))
  const spans = request.spans.filter(({ line, endLine }) => line >= 1 && endLine >= line && endLine <= head.length)
  if (spans.length === 0) return refused('outside-file')
  const span = closest(spans, raw.split('\n'), head)
  const old = head.slice(span.line - 1, span.endLine)
  const lines = raw.split('\n')
  const parsedBefore = request.parses(request.path, request.headText)
  let reason: SuggestionFault = 'changes-nothing'
  for (const candidate of [withoutRepeats(lines, head, span), lines].map((part) => indentLike(part, old))) {
    if (isSame(candidate, old)) continue
    const after = [...head.slice(0, span.line - 1), ...candidate, ...head.slice(span.endLine)].join('\n')
    if (parsedBefore !== true || request.parses(request.path, after) !== false) {
      return { kind: 'proved', text: candidate.join('\n'), span }
    }
    reason = 'breaks-syntax'
  }
  return refused(reason)
}

/** Lines that stand on one side only are what a suggestion changes. */
function closest(spans: readonly LineSpan[], lines: readonly string[], head: readonly string[]): LineSpan {
  const costs = spans.map((span) => {
    const old = head.slice(span.line - 1, span.endLine).map((text) => text.trim())
    const now = lines.map((text) => text.trim())
    const cost = old.filter((text) => !now.includes(text)).length + now.filter((text) => !old.includes(text)).length
    return { span, cost }
  })
  return costs.reduce((best, next) => (next.cost < best.cost ? next : best)).span
}

function refused(reason: SuggestionFault): ProvedSuggestion {
  return { kind: 'refused', reason }
}

/** Models wrap code in a fence, or copy the markers of a diff. */
function unwrap(suggestion: string): string {
  const text = suggestion.replace(/\r\n?/gu, '\n')
  const fenced = /^\s*(`{3,}|~{3,})[^\n]*\n([\s\S]*?)\n?\1\s*$/u.exec(text)
  const inner = (fenced?.[2] ?? text).replace(/^(?:[ \t]*\n)+|(?:\n[ \t]*)+$/gu, '')
  const lines = inner.split('\n')
  return lines.every((line) => /^\d*\+/u.test(line))
    ? lines.map((line) => line.replace(/^\d*\+/u, '')).join('\n')
    : inner
}

function faultOf(text: string): SuggestionFault | null {
  if (text.trim() === '') return 'empty'
  if (text.length > maxCharacters || text.split('\n').length > maxLines) return 'too-long'
  if (/^\s*(?:`{3,}|~{3,})/mu.test(text)) return 'breaks-fence'
  if (text.includes(maskSign)) return 'masked'
  if (text !== text.toWellFormed() || /(?![\n\t])[\p{Cc}\p{Cf}]/u.test(text)) return 'hidden-characters'
  return null
}

/** The same lines with the indentation of the first line they replace; what is deeper stays as much deeper. */
function indentLike(lines: readonly string[], old: readonly string[]): string[] {
  const wanted = firstIndent(old)
  const given = firstIndent(lines)
  if (wanted === null || given === null || wanted === given) return [...lines]
  return lines.map((line) => {
    if (line.trim() === '') return ''
    if (line.startsWith(given)) return wanted + line.slice(given.length)
    // Shallower than the first line: keep the step back, counted from the wanted indentation.
    const missing = given.length - indentOf(line).length
    return wanted.slice(0, Math.max(0, wanted.length - missing)) + line.trimStart()
  })
}

function firstIndent(lines: readonly string[]): string | null {
  const first = lines.find((line) => line.trim() !== '')
  return first === undefined ? null : indentOf(first)
}

function indentOf(line: string): string {
  return /^[ \t]*/u.exec(line)?.[0] ?? ''
}

/** Without leading lines that already stand above the range and trailing ones that stand below: telling lines only, a brace may repeat. */
function withoutRepeats(lines: readonly string[], head: readonly string[], span: LineSpan): string[] {
  const above = repeated(lines, head.slice(0, span.line - 1), 'above')
  const rest = lines.slice(above)
  const below = repeated(rest, head.slice(span.endLine), 'below')
  return rest.slice(0, rest.length - below)
}

const maxRepeats = 5

function repeated(lines: readonly string[], around: readonly string[], where: 'above' | 'below'): number {
  for (let count = Math.min(maxRepeats, lines.length - 1, around.length); count > 0; count--) {
    const own = where === 'above' ? lines.slice(0, count) : lines.slice(-count)
    const theirs = where === 'above' ? around.slice(-count) : around.slice(0, count)
    if (
      own.every((text, index) => text.trim() === theirs[index]?.trim()) &&
      own.some((text) => /[\p{L}\p{N}_]{3}/u.test(text))
    )
      return count
  }
  return 0
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text.trimEnd() === right[index]?.trimEnd())
}
