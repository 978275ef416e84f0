import { fetch } from 'undici'
import { HttpGuardClient } from '../../../adapters/ollama/guard.ts'
import { OllamaEngine } from '../../../adapters/ollama/engine.ts'
import { BalanceReader } from '../../../adapters/runpod/balance.ts'
import { RunpodClient } from '../../../adapters/runpod/client.ts'
import { RunpodMarket } from '../../../adapters/runpod/market.ts'
import { RunpodPods } from '../../../adapters/runpod/pods.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../../adapters/system/system-random.ts'
import type { FleetParts } from '../../../fleet/parts.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { Log } from '../../../ports/log.ts'
import type { MoneyJournal, Store } from '../../../ports/store.ts'

export interface ProviderAddress {
  readonly url: string
  readonly proxyUrl: string
  readonly apiKey: string
}

/** The real parts of the fleet, against the emulated provider at `address`. */
export function fleetPartsFor(
  address: ProviderAddress,
  own: {
    readonly store: Store
    readonly journal: MoneyJournal
    readonly log: Log
    readonly holder: string
    readonly clock?: Clock
  },
): FleetParts {
  const apiKey = () => address.apiKey
  const clock = own.clock ?? systemClock
  const client = new RunpodClient({
    fetch,
    apiUrl: address.url,
    apiKey,
    clock,
    random: createSystemRandom(),
    log: own.log,
    timeoutMs: 5_000,
  })
  const world = { fetch, clock, random: createSystemRandom() }
  return {
    ...own,
    provider: new RunpodPods(client, address.proxyUrl),
    market: new RunpodMarket(client, new BalanceReader({ fetch, graphqlUrl: null, apiKey, log: own.log })),
    guard: new HttpGuardClient(fetch, 3_000),
    connect: (engine) => new OllamaEngine(world, engine),
    clock,
    random: createSystemRandom(),
    holderPid: process.pid,
    tokenSecret: address.apiKey,
  }
}
