import { isObject, type JsonObject } from './json.ts'

// What explains a schema to people, or steers code generators, but judges nothing.
const unjudged = new Set([
  'description',
  'title',
  'example',
  'examples',
  'discriminator',
  'externalDocs',
  'deprecated',
  'readOnly',
  'writeOnly',
  'default',
])

/**
 * A schema of OpenAPI 3.0 or 3.1 as JSON Schema that ajv understands: `nullable` becomes a real alternative, prose is
 * dropped, and references point at `#/schemas/`.
 */
export function rewriteSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(rewriteSchema)
  if (!isObject(schema)) return schema
  if (typeof schema.$ref === 'string') return { $ref: renameReference(schema.$ref) }
  const rewritten: JsonObject = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'nullable' || key.startsWith('x-') || unjudged.has(key)) continue
    // A bot's address holds square brackets, which GitHub sends and the format forbids.
    if (key === 'format' && value === 'email') continue
    rewritten[key] = rewriteKeyword(key, value)
  }
  return schema.nullable === true ? allowNull(rewritten) : rewritten
}

// Below these two the keys are names chosen by the API, so that a property called "title" must survive.
function rewriteKeyword(key: string, value: unknown): unknown {
  if (key === 'enum' || key === 'required' || key === 'const') return value
  if ((key === 'properties' || key === 'patternProperties') && isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rewriteSchema(inner)]))
  }
  return rewriteSchema(value)
}

function allowNull(schema: JsonObject): JsonObject {
  if (typeof schema.type === 'string' && !('enum' in schema)) return { ...schema, type: [schema.type, 'null'] }
  return { anyOf: [{ type: 'null' }, schema] }
}

function renameReference(reference: string): string {
  return reference.replace('#/components/schemas/', '#/schemas/')
}
