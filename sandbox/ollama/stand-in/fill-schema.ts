/** A JSON Schema node, as far as this filler reads it. */
export interface SchemaNode {
  readonly [key: string]: unknown
}

export interface FillContext {
  readonly root: SchemaNode
  /** The value for a property by its name and schema; `undefined` leaves it to the default. */
  readonly propose: (name: string, schema: SchemaNode) => unknown
  /** Candidates for an array of objects; `undefined` means the array is not about them. */
  readonly proposeItems: (name: string, item: SchemaNode) => readonly unknown[] | undefined
}

export function isSchema(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Follows `$ref` and merges `allOf`. */
export function resolve(schema: SchemaNode, root: SchemaNode): SchemaNode {
  let node = schema
  for (let depth = 0; typeof node.$ref === 'string' && depth < 10; depth += 1) {
    const target = node.$ref
      .replace(/^#\/?/, '')
      .split('/')
      .reduce<unknown>((at, key) => (key === '' ? at : isSchema(at) ? at[key] : undefined), root)
    if (!isSchema(target)) break
    node = target
  }
  if (!Array.isArray(node.allOf)) return node
  const parts = [node, ...node.allOf.filter(isSchema).map((part) => resolve(part, root))]
  return Object.assign({}, ...parts, {
    allOf: undefined,
    properties: Object.assign({}, ...parts.map(propertiesOf)),
    required: parts.flatMap(requiredOf),
  })
}

export function propertiesOf(schema: SchemaNode): Record<string, SchemaNode> {
  if (!isSchema(schema.properties)) return {}
  return Object.fromEntries(
    Object.entries(schema.properties).filter((entry): entry is [string, SchemaNode] => isSchema(entry[1])),
  )
}

export function requiredOf(schema: SchemaNode): string[] {
  return Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : []
}

export function variantsOf(schema: SchemaNode, root: SchemaNode): SchemaNode[] {
  const node = resolve(schema, root)
  const choices = [node.anyOf, node.oneOf].find(Array.isArray)
  return choices === undefined ? [node] : choices.filter(isSchema).flatMap((choice) => variantsOf(choice, root))
}

/** A value that satisfies the schema, with what the context proposes where it fits. */
export function fillSchema(schema: SchemaNode, context: FillContext, name = ''): unknown {
  const variants = variantsOf(schema, context.root)
  const node = variants.find((variant) => variant.type !== 'null') ?? variants[0] ?? {}
  if (node.const !== undefined) return node.const
  const proposed = context.propose(name, node)
  if (proposed !== undefined) return clip(proposed, node)
  if (Array.isArray(node.enum)) return node.enum[0]
  switch (typeOf(node)) {
    case 'object':
      return fillObject(node, context)
    case 'array':
      return fillArray(node, context, name)
    case 'integer':
    case 'number':
      return clip(0, node)
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return clip('', node)
  }
}

export function typeOf(schema: SchemaNode): string {
  if (Array.isArray(schema.type)) return String(schema.type.find((type) => type !== 'null') ?? 'null')
  if (typeof schema.type === 'string') return schema.type
  if (schema.properties !== undefined) return 'object'
  return schema.items === undefined ? 'string' : 'array'
}

function fillObject(schema: SchemaNode, context: FillContext): Record<string, unknown> {
  const filled: Record<string, unknown> = {}
  for (const [key, property] of Object.entries(propertiesOf(schema))) {
    filled[key] = fillSchema(property, context, key)
  }
  return filled
}

function fillArray(schema: SchemaNode, context: FillContext, name: string): unknown[] {
  const item = isSchema(schema.items) ? schema.items : {}
  const maximum = typeof schema.maxItems === 'number' ? schema.maxItems : Number.POSITIVE_INFINITY
  const filled = [...(context.proposeItems(name, item) ?? [])].slice(0, maximum)
  const minimum = typeof schema.minItems === 'number' ? schema.minItems : 0
  while (filled.length < minimum) filled.push(fillSchema(item, context, name))
  return filled
}

/** Clips a value to the schema's bounds. */
export function clip(value: unknown, schema: SchemaNode): unknown {
  const type = typeOf(schema)
  if (type === 'integer' || type === 'number') {
    const low = typeof schema.minimum === 'number' ? schema.minimum : Number.NEGATIVE_INFINITY
    const high = typeof schema.maximum === 'number' ? schema.maximum : Number.POSITIVE_INFINITY
    const bounded = Math.min(high, Math.max(low, Number(value)))
    return type === 'integer' ? Math.round(bounded) : bounded
  }
  if (type !== 'string' || typeof value !== 'string') return value
  const minimum = typeof schema.minLength === 'number' ? schema.minLength : 0
  const maximum = typeof schema.maxLength === 'number' ? schema.maxLength : Number.POSITIVE_INFINITY
  return value.padEnd(minimum, '.').slice(0, maximum)
}
