import { existsSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Contract, openContract } from './contract.ts'

const contractPath = fileURLToPath(new URL('../../../shared/contracts/ollama-openapi.yaml', import.meta.url))

/** Whether the vendor's document lies beside this checkout. */
export function hasContract(): boolean {
  return existsSync(contractPath)
}

interface Bodies {
  readonly asks?: string
  readonly answers?: string
  /** One line of a streamed answer. */
  readonly streams?: string
}

const schemas: Readonly<Record<string, Bodies>> = {
  '/api/chat': { asks: 'ChatRequest', answers: 'ChatResponse', streams: 'ChatStreamEvent' },
  '/api/generate': { asks: 'GenerateRequest', answers: 'GenerateResponse', streams: 'GenerateStreamEvent' },
  '/api/embed': { asks: 'EmbedRequest', answers: 'EmbedResponse' },
  '/api/show': { asks: 'ShowRequest', answers: 'ShowResponse' },
  '/api/pull': { asks: 'PullRequest', answers: 'StatusResponse', streams: 'StatusEvent' },
  '/api/delete': { asks: 'DeleteRequest' },
  '/api/tags': { answers: 'ListResponse' },
  '/api/ps': { answers: 'PsResponse' },
  '/api/version': { answers: 'VersionResponse' },
}

/** Looks at both bodies of each call and keeps what the vendor's document refuses. */
export class Judge {
  readonly violations: string[] = []
  readonly #contract: Contract

  constructor() {
    const require = createRequire(import.meta.url)
    const { parse } = require('yaml') as typeof import('yaml')
    this.#contract = openContract(parse(readFileSync(contractPath, 'utf8')))
  }

  judgeRequest(path: string, body: unknown): void {
    this.#look(schemas[path]?.asks, body)
  }

  /** Reads along what is written and judges it when the answer is over. */
  watchReply(path: string, response: ServerResponse): void {
    const bodies = schemas[path]
    if (bodies === undefined) return
    let text = ''
    const write = response.write.bind(response)
    const end = response.end.bind(response)
    const note = (part: unknown): void => {
      if (typeof part === 'string' || part instanceof Uint8Array) text += Buffer.from(part).toString('utf8')
    }
    response.write = ((...parts: Parameters<typeof write>) => {
      note(parts[0])
      return write(...parts)
    }) as typeof response.write
    response.end = ((...parts: Parameters<typeof end>) => {
      note(parts[0])
      return end(...parts)
    }) as typeof response.end
    response.on('finish', () => this.#judgeReply(bodies, response, text))
  }

  #judgeReply(bodies: Bodies, response: ServerResponse, text: string): void {
    if (response.statusCode >= 400) {
      if (text.startsWith('{')) this.#look('ErrorResponse', JSON.parse(text))
      return
    }
    const isStream = response.getHeader('content-type') === 'application/x-ndjson'
    for (const line of text.split('\n').filter((candidate) => candidate !== '')) {
      const value: unknown = JSON.parse(line)
      const isErrorLine = typeof value === 'object' && value !== null && 'error' in value
      this.#look(isErrorLine ? 'ErrorResponse' : isStream ? bodies.streams : bodies.answers, value)
    }
  }

  #look(schema: string | undefined, body: unknown): void {
    if (schema === undefined) return
    this.violations.push(...this.#contract.violations(schema, body).map((found) => `${schema} ${found}`))
  }
}
