import { createRequire } from 'node:module'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'

/** The schemas of a vendor's OpenAPI document, by name. */
export interface Contract {
  /** What is wrong with a body, one message each; empty when nothing is. */
  readonly violations: (schema: string, body: unknown) => readonly string[]
}

/** Reads an OpenAPI 3.1 document: its schemas are JSON Schema 2020-12. */
export function openContract(document: object): Contract {
  // Loaded on demand: an emulator that judges nothing should not pay for the judge.
  const require = createRequire(import.meta.url)
  const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const addFormats = require('ajv-formats') as typeof import('ajv-formats').default
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats(ajv)
  // Formats that describe a number's size say nothing about JSON.
  for (const name of ['float', 'double', 'int32', 'int64']) ajv.addFormat(name, true)
  ajv.addSchema(document, 'contract')
  const compiled = new Map<string, ValidateFunction>()
  return {
    violations: (schema, body) => {
      const validate = compiled.get(schema) ?? ajv.compile({ $ref: `contract#/components/schemas/${schema}` })
      compiled.set(schema, validate)
      return validate(body) ? [] : (validate.errors ?? []).map(describe)
    },
  }
}

function describe(error: ErrorObject): string {
  const unknown: unknown = error.params.unevaluatedProperty ?? error.params.additionalProperty
  if (unknown !== undefined) return `$${error.instancePath}: additional properties '${unknown}' not allowed`
  return `$${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`
}
