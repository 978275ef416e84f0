import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { isObject, type JsonObject } from '../contracts/json.ts'

/** A pruned document, its schemas compiled when they are first needed. */
export class Contract {
  readonly document: JsonObject
  readonly #ajv: Ajv
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(fileName: 'rest.json' | 'webhooks.json') {
    const parsed: unknown = JSON.parse(readFileSync(new URL(`../contracts/${fileName}`, import.meta.url), 'utf8'))
    if (!isObject(parsed)) throw new Error(`${fileName} is no document; run contracts/prune.ts.`)
    this.document = parsed
    this.#ajv = new Ajv({
      strict: false,
      allErrors: false,
      validateFormats: true,
      inlineRefs: false,
      validateSchema: false,
      code: { optimize: false },
    })
    addFormats.default(this.#ajv)
    this.#ajv.addSchema({ $id: 'contract', schemas: parsed.schemas }, 'contract')
  }

  /** What is wrong with a value by this schema; undefined if nothing. The key names the schema for the cache. */
  check(key: string, schema: unknown, value: unknown): string | undefined {
    let validate = this.#validators.get(key)
    if (validate === undefined) {
      validate = this.#ajv.compile(isObject(schema) ? absolute(schema) : {})
      this.#validators.set(key, validate)
    }
    return validate(value) ? undefined : this.#ajv.errorsText(validate.errors, { dataVar: '' })
  }

  /** A schema with its reference followed. */
  deref(schema: unknown): unknown {
    const reference = isObject(schema) ? schema.$ref : undefined
    if (typeof reference !== 'string' || !isObject(this.document.schemas)) return schema
    return this.document.schemas[reference.slice('#/schemas/'.length)]
  }
}

// A schema compiled on its own refers to the shared ones by the name of their document.
function absolute(value: unknown): JsonObject {
  const text = JSON.stringify(value).replaceAll('"$ref":"#/schemas/', '"$ref":"contract#/schemas/')
  const parsed: unknown = JSON.parse(text)
  return isObject(parsed) ? parsed : {}
}
