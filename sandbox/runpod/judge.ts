import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Contract, openContract } from '../ollama/contract.ts'

const contractPath = fileURLToPath(new URL('../../../shared/contracts/runpod-openapi.json', import.meta.url))

/** Whether the vendor's document lies beside this checkout. */
export function hasContract(): boolean {
  return existsSync(contractPath)
}

// Documented for the live API after the stored copy was made; reviewed, see README.md.
const newerFields = { top: ['entrypoint', 'cmd'], gpu: ['minRamPerGpu', 'minVcpuCountPerGpu'] }

/** Reads the vendor's document; `undefined` where it is absent. */
export function openJudge(): Contract | undefined {
  if (!hasContract()) return undefined
  const contract = openContract(JSON.parse(readFileSync(contractPath, 'utf8')))
  return { violations: (schema, body) => contract.violations(schema, withoutNewer(schema, body)) }
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
