import type { SgNode } from '@ast-grep/napi'

/** Nodes that name what a reader wants to know: whose body is this? */
const declarations = new Set([
  'class_declaration',
  'abstract_class_declaration',
  'class_definition',
  'interface_declaration',
  'enum_declaration',
  'type_alias_declaration',
  'internal_module',
  'function_declaration',
  'generator_function_declaration',
  'function_definition',
  'method_definition',
  'method_declaration',
  'public_field_definition',
  'field_definition',
  'type_declaration',
])

/** Nodes that count when they hold a function: `const f = () => {`, `test('…', () => {`, `{ get: () => {`. */
const holders = new Set(['lexical_declaration', 'variable_declaration', 'expression_statement', 'pair'])
const functions = new Set(['arrow_function', 'function_expression', 'function', 'func_literal', 'class'])

const maxLevels = 3

/** First lines of the declarations around a line that begin above `shownFrom`, outermost first. Lines count from 1. */
export function enclosingInTree(root: SgNode, line: number, shownFrom: number): string[] {
  const found: string[] = []
  let node: SgNode | undefined = root
  while (node !== undefined) {
    node = node.children().find((child) => covers(child, line))
    if (node === undefined) break
    const start = node.range().start.line + 1
    if (start < shownFrom && isDeclaration(node, line)) found.push(firstLine(node))
  }
  return found.slice(-maxLevels)
}

function covers(node: SgNode, line: number): boolean {
  const { start, end } = node.range()
  return start.line + 1 <= line && line <= end.line + 1 && end.line > start.line
}

function isDeclaration(node: SgNode, line: number): boolean {
  const kind = String(node.kind())
  if (declarations.has(kind)) return true
  if (!holders.has(kind)) return false
  // The function must be what the line stands in, not some other argument.
  let inner: SgNode | undefined = node
  while (inner !== undefined) {
    inner = inner.children().find((child) => covers(child, line))
    if (inner === undefined || holders.has(String(inner.kind()))) return false
    if (functions.has(String(inner.kind()))) return true
  }
  return false
}

function firstLine(node: SgNode): string {
  const text = node.text()
  const end = text.indexOf('\n')
  return (end === -1 ? text : text.slice(0, end)).trim()
}
