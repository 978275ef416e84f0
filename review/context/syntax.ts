import type { SgNode } from '@ast-grep/napi'
import { parseDocument } from 'yaml'
import { enclosingByIndentation } from './by-indentation.ts'
import { enclosingInTree } from './enclosing.ts'
import { type Grammar, loadGrammar } from './grammar.ts'

/** What we can tell about code without running it. */
export interface Syntax {
  /** Whether the text parses as its file name says; null where we have no parser for it. */
  readonly parses: (path: string, text: string) => boolean | null
  /**
   * What encloses a line of a file, as one line: `class Cart › total(order: Order)`. Only declarations that begin above
   * `shownFrom`, the first line the reader sees anyway; empty at the top level.
   */
  readonly enclosing: (path: string, text: string) => (line: number, shownFrom: number) => string
}

const maxHeaderCharacters = 90
/** Larger files are not worth the time of a parser. */
const maxCharacters = 2_000_000

export async function loadSyntax(): Promise<Syntax> {
  return syntaxOf(await loadGrammar())
}

/** For tests and for platforms without native parsers. */
export function syntaxOf(grammar: Grammar): Syntax {
  return {
    parses: (path, text) => parses(grammar, path, text),
    enclosing: (path, text) => {
      const root = text.length > maxCharacters ? null : (grammar(path)?.(text) ?? null)
      const lines = root === null ? text.split('\n') : []
      return (line, shownFrom) =>
        shorten(root === null ? enclosingByIndentation(lines, line, shownFrom) : enclosingInTree(root, line, shownFrom))
    },
  }
}

function parses(grammar: Grammar, path: string, text: string): boolean | null {
  if (text.length > maxCharacters) return null
  if (/\.ya?ml$/i.test(path)) return parseDocument(text).errors.length === 0
  if (/(?:^|\/)(?!tsconfig)[^/]+\.json$/i.test(path)) return isJson(text)
  const root = grammar(path)?.(text) ?? null
  return root === null ? null : !isBroken(root)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A parser that recovers leaves an ERROR where it skipped text and an empty node where it made one up. */
function isBroken(root: SgNode): boolean {
  if (root.text().trim() === '') return false
  return root.find({ rule: { kind: 'ERROR' } }) !== null || root.find({ rule: { regex: '^$' } }) !== null
}

function shorten(headers: readonly string[]): string {
  return headers
    .map((header) => header.replace(/(?<!\s)\s*\{$/, ''))
    .map((header) => (header.length > maxHeaderCharacters ? `${header.slice(0, maxHeaderCharacters)}…` : header))
    .join(' › ')
}
