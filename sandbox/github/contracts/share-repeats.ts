import { isObject, type JsonObject } from './json.ts'

const worthSharingBytes = 200

/**
 * The same document with every schema that stands in it more than once (GitHub's webhook document repeats whole users
 * and repositories inline) moved to `schemas` and referred to.
 */
export function shareRepeats(document: JsonObject): JsonObject {
  const counts = new Map<string, number>()
  count(document, counts)
  const names = new Map<string, string>()
  for (const [text, times] of counts) if (times > 1) names.set(text, `s${names.size}`)
  const shared: JsonObject = {}
  const schemas = isObject(document.schemas) ? document.schemas : {}
  const rest = replaceChildren({ ...document, schemas: {} }, names, shared)
  const kept = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, replaceChildren(schema, names, shared)]),
  )
  return { ...(isObject(rest) ? rest : {}), schemas: { ...kept, ...shared } }
}

function count(value: unknown, counts: Map<string, number>): void {
  if (Array.isArray(value)) for (const item of value) count(item, counts)
  if (!isObject(value)) return
  const text = shareableText(value)
  if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1)
  for (const inner of Object.values(value)) count(inner, counts)
}

function replace(value: unknown, names: Map<string, string>, shared: JsonObject): unknown {
  const text = isObject(value) ? shareableText(value) : undefined
  const name = text === undefined ? undefined : names.get(text)
  if (name === undefined) return replaceChildren(value, names, shared)
  if (!(name in shared)) {
    shared[name] = {}
    shared[name] = replaceChildren(value, names, shared)
  }
  return { $ref: `#/schemas/${name}` }
}

function replaceChildren(value: unknown, names: Map<string, string>, shared: JsonObject): unknown {
  if (Array.isArray(value)) return value.map((item) => replace(item, names, shared))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner, names, shared)]))
}

// Only whole schemas may move; a map of properties is none.
function shareableText(value: JsonObject): string | undefined {
  const isSchema = value.type === 'object' || Array.isArray(value.anyOf) || Array.isArray(value.oneOf)
  if (!isSchema) return undefined
  const text = JSON.stringify(value)
  return text.length >= worthSharingBytes ? text : undefined
}
