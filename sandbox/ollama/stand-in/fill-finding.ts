import { fillSchema, clip, propertiesOf, requiredOf, type SchemaNode, typeOf, variantsOf } from './fill-schema.ts'
import type { Hit } from './find-bugs.ts'

/** What a property of a finding is called in the schemas people write. */
const names = {
  path: /^(?:path|file|file_?name|file_?path)$/i,
  line: /^(?:line|start_?line|line_?(?:number|start|no)|from_?line)$/i,
  endLine: /^(?:end_?line|line_?end|to_?line)$/i,
  place: /^(?:place|location|at|where|anchor|position)$/i,
  severity: /^(?:severity|level|priority|impact)$/i,
  category: /^(?:category|type|kind|class|tag)$/i,
  rule: /^(?:rule|rule_?id|check)$/i,
  title: /^(?:title|headline|name|summary|short)$/i,
  body: /^(?:body|message|description|explanation|comment|details?|reason|why|rationale|problem|text|issue)$/i,
  quote: /^(?:quote|code|evidence|snippet|excerpt|original)$/i,
  suggestion: /^(?:suggestion|replacement|fix|patch|suggested_?(?:code|fix|change)|remedy)$/i,
  confidence: /^(?:confidence|certainty|probability|score)$/i,
} as const

const synonyms: Readonly<Record<string, RegExp>> = {
  critical: /critical|blocker|severe|fatal/i,
  high: /high|major|error|important/i,
  medium: /medium|moderate|warn/i,
  low: /low|minor|info|nit|trivial/i,
  security: /secur|vuln/i,
  'error-handling': /error|except|robust|reliab/i,
  performance: /perf|speed/i,
  bug: /bug|correct|logic|defect|function/i,
}

/** True where an object schema can hold a finding: it has a line or a place, and words about it. */
export function isFindingSchema(schema: SchemaNode): boolean {
  const keys = Object.keys(propertiesOf(schema))
  const has = (pattern: RegExp): boolean => keys.some((key) => pattern.test(key))
  return (has(names.line) || has(names.place) || has(names.quote)) && (has(names.body) || has(names.title))
}

/** True where an object schema names a place and no more: evidence for something said elsewhere. */
export function isPlaceSchema(schema: SchemaNode): boolean {
  const keys = Object.keys(propertiesOf(schema))
  return keys.some((key) => names.path.test(key)) && keys.some((key) => names.line.test(key))
}

/** The hit in the words of the schema, or `undefined` where the schema's enums have no place for it. */
export function fillFinding(item: SchemaNode, root: SchemaNode, hit: Hit): Record<string, unknown> | undefined {
  for (const variant of variantsOf(item, root)) {
    const filled = fillVariant(variant, root, hit)
    if (filled !== undefined) return filled
  }
  return undefined
}

function fillVariant(schema: SchemaNode, root: SchemaNode, hit: Hit): Record<string, unknown> | undefined {
  const filled: Record<string, unknown> = {}
  const required = requiredOf(schema)
  for (const [key, raw] of Object.entries(propertiesOf(schema))) {
    const variants = variantsOf(raw, root)
    const property = variants.find((variant) => variant.type !== 'null') ?? raw
    const isNullable = variants.length > 1 || (Array.isArray(raw.type) && raw.type.includes('null'))
    const value = propertyValue(key, property, root, hit)
    if (value === 'no-place') return undefined
    if (value !== undefined) filled[key] = value
    else if (isNullable) filled[key] = null
    else if (required.includes(key)) filled[key] = fillSchema(property, plainContext(root), key)
  }
  return filled
}

function propertyValue(key: string, schema: SchemaNode, root: SchemaNode, hit: Hit): unknown {
  const { rule, code } = hit
  if (names.path.test(key))
    return choosePlace(schema, (entry) => entry === code.path || entry.endsWith(`:${code.path}`), code.path)
  if (names.line.test(key) || names.endLine.test(key)) return chooseLine(schema, code.line)
  if (names.place.test(key)) {
    if (typeOf(schema) === 'object') return fillFinding(schema, root, hit) ?? 'no-place'
    const exact = new RegExp(String.raw`${literal(code.path)}\D+${code.line}\b`)
    return choosePlace(schema, (entry) => exact.test(entry), `${code.path}:${code.line}`)
  }
  if (names.severity.test(key)) return chooseWord(schema, rule.severity)
  if (names.category.test(key)) return chooseWord(schema, rule.category)
  if (names.rule.test(key)) return chooseWord(schema, rule.id)
  if (names.title.test(key)) return clip(rule.title, schema)
  if (names.body.test(key)) return clip(rule.message, schema)
  if (names.quote.test(key)) return choosePlace(schema, (entry) => entry.trim() === code.text.trim(), code.text.trim())
  if (names.suggestion.test(key)) return rule.fix === undefined ? undefined : clip(rule.fix(code.text), schema)
  if (names.confidence.test(key)) return confidence(schema)
  return undefined
}

function choosePlace(schema: SchemaNode, matches: (entry: string) => boolean, free: string): unknown {
  const allowed = allowedValues(schema)
  if (allowed === undefined) return clip(free, schema)
  return allowed.find((entry) => matches(String(entry))) ?? 'no-place'
}

function chooseLine(schema: SchemaNode, line: number): unknown {
  const allowed = allowedValues(schema)
  if (allowed !== undefined) {
    return allowed.find((entry) => /\d+$/.exec(String(entry))?.[0] === String(line)) ?? 'no-place'
  }
  const low = typeof schema.minimum === 'number' ? schema.minimum : 0
  const high = typeof schema.maximum === 'number' ? schema.maximum : Number.POSITIVE_INFINITY
  if (line < low || line > high) return 'no-place'
  return typeOf(schema) === 'string' ? String(line) : line
}

function chooseWord(schema: SchemaNode, word: string): unknown {
  const allowed = allowedValues(schema)
  if (allowed === undefined) return clip(word, schema)
  const same = allowed.find((entry) => String(entry).toLowerCase() === word)
  const alike = allowed.find((entry) => synonyms[word]?.test(String(entry)))
  return same ?? alike ?? allowed.find((entry) => /other|general|misc/i.test(String(entry))) ?? allowed[0]
}

function confidence(schema: SchemaNode): unknown {
  if (typeOf(schema) === 'string') return chooseWord(schema, 'high')
  const scale = typeof schema.maximum === 'number' ? schema.maximum : 1
  return clip(scale * 0.8, schema)
}

function allowedValues(schema: SchemaNode): readonly unknown[] | undefined {
  if (schema.const !== undefined) return [schema.const]
  return Array.isArray(schema.enum) ? schema.enum : undefined
}

function plainContext(root: SchemaNode) {
  return { root, propose: () => undefined, proposeItems: () => undefined }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
