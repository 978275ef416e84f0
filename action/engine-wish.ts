import { closeHttp } from '../parts/http.ts'
import type { EngineWish } from '../parts/one-shot.ts'
import type { EnginePhase } from '../ports/model.ts'
import type { MicroUsd } from '../ports/money.ts'
import { fleetPaces } from './emulated-account.ts'
import { environmentOf, requireRunpodKey } from './environment.ts'
import type { Inputs } from './inputs.ts'
import { readConfig } from './read-config.ts'
import type { ActionWorld } from './world.ts'

export interface Spent {
  readonly cost: MicroUsd
  readonly podName: string | null
}

/** What the inputs ask of the fleet: a rented pod, somebody's Ollama, or the gateway of a controller. */
export function engineWishOf(
  inputs: Inputs,
  world: ActionWorld,
  run: { readonly folder: string; readonly onSpent?: (spent: Spent) => void },
): EngineWish {
  requireRunpodKey(inputs)
  const environment = environmentOf(inputs, world, run.folder)
  const { controller, model, maxCostMicroUsd } = inputs
  return {
    environment,
    engine: controller?.url ?? inputs.engine,
    ...(controller === null ? {} : { engineToken: controller.key }),
    ...(model === null ? {} : { model }),
    ...(maxCostMicroUsd === null ? {} : { maxCostMicroUsd }),
    config: readConfig(inputs, world),
    ...(environment.DEVLOOP_DEPLOYMENT === undefined ? {} : { installId: environment.DEVLOOP_DEPLOYMENT }),
    ...fleetPaces(environment, world.env),
    signal: world.signal,
    onPhase: ({ phase, detail }: EnginePhase) => world.stdout(`${phase}${detail === '' ? '' : `: ${detail}`}\n`),
    ...(run.onSpent === undefined ? {} : { onSpent: run.onSpent }),
  }
}

/** Lets idle connections go when the work is over, so that the process can exit. */
export async function closingHttp<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await closeHttp()
  }
}
