import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml'

export interface YamlProblem {
  /** 1-based. */
  readonly line: number
  readonly column: number
  readonly message: string
}

export type YamlPath = readonly (string | number)[]

export interface YamlText {
  readonly ok: true
  /** Plain values; undefined for an empty file. */
  readonly value: unknown
  /** Where the value (or, with `key`, the key) at `path` stands; the nearest parent that exists when it does not. */
  locate(path: YamlPath, key?: string): { readonly line: number; readonly column: number }
  /** Offsets of the value at `path`, end exclusive; undefined when it does not exist. */
  rangeOf(path: YamlPath): { readonly start: number; readonly end: number } | undefined
}

export type YamlResult = YamlText | { readonly ok: false; readonly problems: readonly YamlProblem[] }

const MAX_FLOW_DEPTH = 200
const MAX_PROBLEMS = 50

/**
 * Reads YAML that a stranger may have written. Never throws. Anchors, aliases, merge keys and tags are refused, because a few lines
 * of them unfold to gigabytes and none is needed here.
 */
export function readYaml(
  text: string,
  limits: { readonly maxChars: number; readonly name: string; readonly everythingIsText?: boolean },
): YamlResult {
  if (text.length > limits.maxChars) {
    return refused(`${limits.name} has ${text.length} characters; at most ${limits.maxChars} are read`)
  }
  if (flowDepth(text) > MAX_FLOW_DEPTH) return refused(`${limits.name} is nested too deeply`)
  const lines = new LineCounter()
  try {
    const document = parseDocument(withoutBom(text), {
      lineCounter: lines,
      prettyErrors: false,
      merge: false,
      uniqueKeys: true,
      ...(limits.everythingIsText ? { schema: 'failsafe' as const } : {}),
    })
    const problems = [...syntaxProblems(document, lines), ...unwantedNodes(document, lines)]
    if (problems.length > 0) return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
    const value: unknown = document.toJS({ maxAliasCount: 0 }) ?? undefined
    return {
      ok: true,
      value,
      locate: (path, key) => locate(document, lines, path, key),
      rangeOf: (path) => rangeOf(document, path),
    }
  } catch (error) {
    const why = error instanceof RangeError ? 'is nested too deeply' : `cannot be read (${String(error)})`
    return refused(`${limits.name} ${why}`)
  }
}

/** How many brackets are open at most. Counted before parsing, because the parser answers each unclosed one with an error. */
function flowDepth(text: string): number {
  let depth = 0
  let most = 0
  for (const sign of text.matchAll(/[[\]{}]/gu)) {
    depth += sign[0] === '[' || sign[0] === '{' ? 1 : -1
    if (depth > most) most = depth
  }
  return most
}

function refused(message: string): YamlResult {
  return { ok: false, problems: [{ line: 1, column: 1, message }] }
}

export function withoutBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

function at(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

function syntaxProblems(document: Document.Parsed, lines: LineCounter): YamlProblem[] {
  return [...document.errors, ...document.warnings].map((error) => ({
    ...at(lines, error.pos[0]),
    message: sentence(error.code, error.message),
  }))
}

function sentence(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in the same place; keep one'
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML; use spaces'
  if (code === 'MULTIPLE_DOCS') return 'there is a second document ("---"); keep one'
  if (code === 'TAG_RESOLVE_FAILED') return 'tags ("!...") are not read here; write the plain value'
  return `this is not YAML: ${message}`
}

function unwantedNodes(document: Document.Parsed, lines: LineCounter): YamlProblem[] {
  const problems: YamlProblem[] = []
  visit(document, (_, node) => {
    // Written out as text by whoever reads on: one in another doubles the time with each.
    if (isPair(node) && isCollection(node.key)) {
      problems.push({
        ...at(lines, node.key.range?.[0] ?? 0),
        message: 'a list or a map cannot be a key here; write a plain word',
      })
    }
    if (isAlias(node))
      problems.push({
        ...at(lines, node.range?.[0] ?? 0),
        message: `the alias *${node.source} is not read here; write the value out`,
      })
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
      problems.push({
        ...at(lines, node.range?.[0] ?? 0),
        message: `the anchor &${node.anchor} is not read here; write the value out`,
      })
    }
    if (isScalar(node) && node.value === '<<') {
      problems.push({
        ...at(lines, node.range?.[0] ?? 0),
        message: 'the merge key "<<" is not read here; write the keys out',
      })
    }
    return problems.length >= 20 ? visit.BREAK : undefined
  })
  return problems
}

function locate(
  document: Document.Parsed,
  lines: LineCounter,
  path: YamlPath,
  key?: string,
): { line: number; column: number } {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0] ?? 0
  for (const [index, segment] of [...path, ...(key === undefined ? [] : [key])].entries()) {
    const child = childOf(node, segment)
    if (child === undefined) break
    const wantsKey = key !== undefined && index === path.length
    offset = (wantsKey ? child.keyOffset : child.offset) ?? offset
    node = child.value
  }
  return at(lines, offset)
}

function childOf(node: unknown, segment: string | number) {
  if (isSeq(node) && typeof segment === 'number') {
    const value = node.items[segment]
    return value === undefined ? undefined : { value, keyOffset: undefined, offset: offsetOf(value) }
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(segment))
  if (pair === undefined) return undefined
  const keyOffset = offsetOf(pair.key)
  return { value: pair.value, keyOffset, offset: offsetOf(pair.value) ?? keyOffset }
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) ? node.range?.[0] : undefined
}

function rangeOf(document: Document.Parsed, path: YamlPath): { start: number; end: number } | undefined {
  const node: unknown = document.getIn(path, true)
  const range = isScalar(node) || isCollection(node) ? node.range : undefined
  return range ? { start: range[0], end: range[1] } : undefined
}
