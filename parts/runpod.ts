import { BareOllama } from '../adapters/ollama/bare-ollama.ts'
import { HttpGuardClient } from '../adapters/ollama/guard.ts'
import { BalanceReader } from '../adapters/runpod/balance.ts'
import { RunpodClient } from '../adapters/runpod/client.ts'
import { RunpodMarket } from '../adapters/runpod/market.ts'
import { RunpodPods } from '../adapters/runpod/pods.ts'
import type { Environment } from '../config/environment.ts'
import type { Secret } from '../config/secret.ts'
import type { Clock, Random } from '../ports/clock.ts'
import { PodsError } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import type { GuardClient, PodMarket, PodProvider } from '../ports/pods.ts'
import { httpFetch } from './http.ts'

export const PUBLIC_API = 'https://api.runpod.io/v2'
/** The only source of the balance, announced to end in early 2027 (runpod.md section 1). */
const GRAPHQL_URL = 'https://api.runpod.io/graphql'

export interface RunpodParts {
  readonly provider: PodProvider
  readonly market: PodMarket
  readonly guard: GuardClient
  readonly key: Secret
}

/** The account behind `RUNPOD_API_KEY`. Throws one sentence when there is no key. */
export function createRunpodParts(
  environment: Environment,
  given: {
    readonly clock: Clock
    readonly random: Random
    readonly log: Log
    readonly fetch?: typeof httpFetch
  },
  { unguarded }: { readonly unguarded: boolean } = { unguarded: false },
): RunpodParts {
  const { fetch = httpFetch, ...world } = given
  const key = environment.RUNPOD_API_KEY
  if (!key) {
    throw new PodsError({
      code: 'unauthorized',
      owner: 'user',
      message: 'RunPod was to be asked, but RUNPOD_API_KEY is not set.',
      remedy: 'Put a RunPod key into RUNPOD_API_KEY, or name another engine (DEVLOOP_ENGINE or --engine).',
    })
  }
  const apiKey = () => key.reveal()
  const client = new RunpodClient({ fetch, apiUrl: environment.RUNPOD_API_URL, apiKey, ...world })
  const graphqlUrl = environment.RUNPOD_API_URL === PUBLIC_API ? GRAPHQL_URL : null
  const balance = new BalanceReader({ fetch: httpFetch, graphqlUrl, apiKey, log: world.log })
  return {
    provider: new RunpodPods(client, environment.RUNPOD_PROXY_URL),
    market: new RunpodMarket(client, balance),
    guard: unguarded ? new BareOllama({ fetch: httpFetch, ...world }) : new HttpGuardClient(httpFetch),
    key,
  }
}
