import { isObject } from '../contracts/json.ts'
import type { Contract } from './schemas.ts'

/** The path of the first property a body has and its schema does not name; GitHub would ignore it in silence. */
export function unknownProperty(contract: Contract, schema: unknown, value: unknown, path = ''): string | undefined {
  if (Array.isArray(value)) {
    const items = alternatives(contract, schema).flatMap((alternative) =>
      alternative.items === undefined ? [] : [alternative.items],
    )
    for (const [index, item] of value.entries()) {
      const found = firstUnknown(contract, items, { value: item, path: `${path}/${index}` })
      if (found !== undefined) return found
    }
    return undefined
  }
  if (!isObject(value)) return undefined
  const shapes = alternatives(contract, schema).filter((alternative) => isObject(alternative.properties))
  if (shapes.length === 0 || alternatives(contract, schema).some(isOpen)) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const known = shapes.flatMap(({ properties }) =>
      isObject(properties) && name in properties ? [properties[name]] : [],
    )
    if (known.length === 0) return `${path}/${name}`
    const found = firstUnknown(contract, known, { value: inner, path: `${path}/${name}` })
    if (found !== undefined) return found
  }
  return undefined
}

// Only what every alternative calls unknown is.
function firstUnknown(
  contract: Contract,
  schemas: readonly unknown[],
  place: { value: unknown; path: string },
): string | undefined {
  const found = schemas.map((schema) => unknownProperty(contract, schema, place.value, place.path))
  return found.some((path) => path === undefined) ? undefined : found[0]
}

type Schema = { readonly [key: string]: unknown }

/** The schema itself and all that it is put together from. */
function alternatives(contract: Contract, schema: unknown): Schema[] {
  const resolved = contract.deref(schema)
  if (!isObject(resolved)) return []
  const parts = [resolved.allOf, resolved.anyOf, resolved.oneOf].flatMap((list) => (Array.isArray(list) ? list : []))
  return [resolved, ...parts.flatMap((part) => alternatives(contract, part))]
}

// A map with free keys says so with a schema for its values.
function isOpen(schema: Schema): boolean {
  return isObject(schema.additionalProperties) && !isObject(schema.properties)
}
