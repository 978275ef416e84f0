import { OllamaEngine } from '../adapters/ollama/engine.ts'
import type { Clock, Random } from '../ports/clock.ts'
import type { EngineAddress, ModelEngine } from '../ports/model.ts'
import { httpFetch } from './http.ts'

/** How a core room reaches whatever answers at an address. */
export function connectWith(world: {
  readonly clock: Clock
  readonly random: Random
}): (address: EngineAddress) => ModelEngine {
  return (address) => new OllamaEngine({ fetch: httpFetch, clock: world.clock, random: world.random }, address)
}
