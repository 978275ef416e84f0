import { isLanguageName } from './language-names.ts'

/** What stands in the head tree, as far as it was read; null means that it is not known. */
export interface HeadNames {
  readonly hasPath: (path: string) => boolean | null
  readonly hasName: (name: string) => boolean | null
}

const SPAN = /`([^`\n]{1,200})`/gu
const PATH = /^\.?\/?((?:[\w@.-]+\/)+[\w.-]+\.\w{1,8})(?::\d+)?$/u
/** `order.lines`, `settle()`, `Foo::bar`: the name called or read is the last one. */
const NAME = /^((?:[\w$]+(?:\.|::|->|\?\.))*)([\p{L}_$][\p{L}\p{N}_$]{2,})(\([^()]*\))?$/u
/** What a finding proposes need not be there yet. */
const PROPOSED =
  /\b(?:use|using|prefer|consider|instead|add|adding|wrap|replace|try|import|rename|extract|introduce|define|create|write|declare|such as|should be|could be)\b[^.!?\n]{0,60}$/iu

/** Paths and identifiers that text puts in backticks and that the head does not have. */
export function unknownNames(text: string, names: HeadNames): string[] {
  const unknown = [...text.matchAll(SPAN)].flatMap(({ 1: inner = '', index }) => {
    const span = inner.trim()
    const isProposed = PROPOSED.test(text.slice(Math.max(0, index - 80), index))
    return isUnknown(span, isProposed, names) ? [span] : []
  })
  return [...new Set(unknown)]
}

/** The identifiers that text in backticks speaks of as if they were there. */
export function namesSpokenOf(text: string): string[] {
  const spoken: string[] = []
  const note = (name: string) => {
    spoken.push(name)
    return null
  }
  unknownNames(text, { hasPath: () => null, hasName: note })
  return [...new Set(spoken)]
}

function isUnknown(span: string, isProposed: boolean, names: HeadNames): boolean {
  const path = PATH.exec(span)?.[1]
  if (path !== undefined) return names.hasPath(path) === false
  const [, receiver = '', name, call = ''] = NAME.exec(span) ?? []
  if (name === undefined || isProposed || isLanguageName(name)) return false
  // `limit` alone may be a word, a value, a column; `limitOf`, `limit()`, `order.limit` are code.
  const isCode = call !== '' || receiver !== '' || /\p{Ll}\p{Lu}|[\p{L}\p{N}]_[\p{L}\p{N}]/u.test(name)
  return isCode && names.hasName(name) === false
}
