import { ModelError } from '../ports/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { EngineAddress, EngineDemand, EngineLease, Engines, ModelEngine } from '../ports/model.ts'
import { microUsd } from '../ports/money.ts'

export interface DirectParts {
  readonly address: EngineAddress
  readonly connect: (address: EngineAddress) => ModelEngine
  readonly clock: Clock
  /** Calls side by side that the engine is trusted with. */
  readonly parallel: number
}

/** A fixed Ollama that somebody else runs: nothing is rented, nothing is paid, nothing is given back. */
export class DirectEngines implements Engines {
  readonly #parts: DirectParts

  constructor(parts: DirectParts) {
    this.#parts = parts
  }

  async acquire(demand: EngineDemand, signal: AbortSignal): Promise<EngineLease> {
    const { address, connect, clock, parallel } = this.#parts
    const engine = connect(address)
    const installed = await engine.listModels(signal)
    const model = installed.find(({ tag }) => tag === demand.model || tag === `${demand.model}:latest`)
    if (model === undefined)
      throw missing(
        demand.model,
        address.url,
        installed.map(({ tag }) => tag),
      )
    const readyAt = clock.now()
    demand.onPhase?.({ phase: 'ready', detail: address.url, at: readyAt })
    const lost = new AbortController()
    return {
      engine,
      address,
      model: demand.model,
      digest: model.digest,
      podName: null,
      gpu: null,
      microUsdPerHour: microUsd(0),
      slots: Math.min(parallel, demand.slotsWanted),
      readyAt,
      lost: lost.signal,
      costSoFar: () => ({ microUsd: microUsd(0), gpuMs: clock.now() - readyAt }),
      release: async () => {},
    }
  }
}

function missing(model: string, url: string, tags: readonly string[]): ModelError {
  const known =
    tags.length === 0 ? 'it has none' : `it has ${tags.slice(0, 5).join(', ')}${tags.length > 5 ? ', ...' : ''}`
  return new ModelError({
    code: 'model-missing',
    owner: 'user',
    message: `The engine at ${url} does not have ${model}; ${known}.`,
    remedy: `Run \`ollama pull ${model}\` there, or choose a model it has.`,
  })
}
