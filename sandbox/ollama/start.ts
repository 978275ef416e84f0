import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { passToEngine } from './engine.ts'
import type { OllamaFault } from './faults.ts'
import { answerRequest } from './handler.ts'
import { createState, type RecordedCall, type ServerState } from './server-state.ts'
import type { OllamaOptions } from './settings.ts'

/** A running emulated Ollama. */
export interface EmulatedOllama {
  readonly url: string
  readonly port: number
  /** Every request so far, in order. */
  readonly calls: readonly RecordedCall[]
  /** Loads and reloads so far, and the tags now in memory. */
  readonly memory: () => { readonly loads: number; readonly reloads: number; readonly loaded: readonly string[] }
  readonly script: (fault: OllamaFault) => void
  /** What the vendor's document refuses in the bodies so far; only with `judge`. */
  readonly violations: () => readonly string[]
  readonly stop: () => Promise<void>
}

/** The emulation without a port of its own, for a host that already has one. */
export interface OllamaHandler {
  readonly state: ServerState
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
}

export function createOllama(options: OllamaOptions = {}): OllamaHandler {
  const state = createState(options)
  return {
    state,
    handle: (request, response) => {
      if (options.engineUrl !== undefined) passToEngine(options.engineUrl, request, response)
      else void answerRequest(state, request, response)
    },
  }
}

/** Starts an emulated Ollama on a loopback port (0: a free one). */
export async function startOllama(options: OllamaOptions = {}): Promise<EmulatedOllama> {
  const { state, handle } = createOllama(options)
  const server = createServer(handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls: state.calls,
    memory: () => ({
      loads: state.scheduler.loads,
      reloads: state.scheduler.reloads,
      loaded: [...state.scheduler.runners.keys()],
    }),
    script: (fault) => state.faults.add(fault),
    violations: () => state.judge?.violations ?? [],
    stop: async () => {
      state.scheduler.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
