import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'

/** The vendor's document, where this checkout has it beside it. */
export const contractPath = fileURLToPath(new URL('../../../shared/contracts/runpod-openapi.json', import.meta.url))

export function hasContract(): boolean {
  return existsSync(contractPath)
}

/** The vendor's schemas, by name. */
export interface Judge {
  /** What is wrong with a body, one message each; empty when nothing is. */
  readonly violations: (schema: string, body: unknown) => readonly string[]
}

// Documented for the live API after the stored copy was made; reviewed, see README.md.
const newerFields = { top: ['entrypoint', 'cmd'], gpu: ['minRamPerGpu', 'minVcpuCountPerGpu'] }

/** Reads the vendor's document; `undefined` where it is absent. */
export function openJudge(): Judge | undefined {
  if (!hasContract()) return undefined
  const require = createRequire(import.meta.url)
  const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const addFormats = require('ajv-formats') as typeof import('ajv-formats').default
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats(ajv)
  // The document describes numbers with formats that say nothing about JSON.
  for (const name of ['float', 'double', 'int32', 'int64']) ajv.addFormat(name, true)
  ajv.addSchema(JSON.parse(readFileSync(contractPath, 'utf8')), 'runpod')
  const compiled = new Map<string, ValidateFunction>()
  return {
    violations: (schema, body) => {
      const validate = compiled.get(schema) ?? ajv.compile({ $ref: `runpod#/components/schemas/${schema}` })
      compiled.set(schema, validate)
      if (validate(withoutNewer(schema, body))) return []
      return (validate.errors ?? []).map(describe)
    },
  }
}

/** In the words of the live API. */
function describe(error: ErrorObject): string {
  const unknown: unknown = error.params.unevaluatedProperty ?? error.params.additionalProperty
  if (unknown !== undefined) return `$${error.instancePath}: additional properties '${unknown}' not allowed`
  return `$${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`
}

function withoutNewer(schema: string, body: unknown): unknown {
  if (!/^(?:Create|Update)PodRequest$/.test(schema) || typeof body !== 'object' || body === null) return body
  const copy: Record<string, unknown> = { ...body }
  for (const name of newerFields.top) delete copy[name]
  if (typeof copy.gpu === 'object' && copy.gpu !== null) {
    const gpu: Record<string, unknown> = { ...copy.gpu }
    for (const name of newerFields.gpu) delete gpu[name]
    copy.gpu = gpu
  }
  return copy
}
