import type { LoadOptions } from '../ports/model.ts'
import type { PodSpec } from '../ports/pods.ts'
import type { PodRow } from '../ports/store.ts'
import { podToken } from './pod-token.ts'
import type { FleetPolicy } from './policy.ts'

const MINUTE_MS = 60_000
/** The guard's own idle limit: just above ours, so that it acts only when we do not. */
const GUARD_IDLE_MARGIN_MS = 2 * MINUTE_MS
const GUARD_IDLE_LEAST_MS = 12 * MINUTE_MS

/** What is asked of the provider for a row. The account key is not in it; RunPod puts a key of the pod's own there. */
export function podSpecOf(row: PodRow, policy: FleetPolicy, tokenSecret: string): PodSpec {
  return {
    ...policy.pod,
    name: row.name,
    candidate: row.candidate,
    env: {
      OLLAMA_NUM_PARALLEL: String(row.parallel),
      OLLAMA_MAX_LOADED_MODELS: '1',
      OLLAMA_KEEP_ALIVE: '-1',
      OLLAMA_NO_CLOUD: '1',
      GUARD_IDLE_MS: String(Math.max(GUARD_IDLE_LEAST_MS, policy.idle.maxMs + GUARD_IDLE_MARGIN_MS)),
      ...policy.podEnv,
      GUARD_PORT: String(policy.pod.httpPort),
      GUARD_TOKEN: podToken(tokenSecret, row.name),
      GUARD_DEADLINE: String(row.deadlineAt),
      GUARD_MODEL: row.model,
      GUARD_LOAD_OPTIONS: JSON.stringify(guardLoadOptions(row.load)),
    },
  }
}

/** The load-time values of real calls: the warm-up must send the same, or the first call pays for a second load. */
function guardLoadOptions(load: LoadOptions): Readonly<Record<string, unknown>> {
  return {
    num_ctx: load.contextTokens,
    ...(load.numBatch === undefined ? {} : { num_batch: load.numBatch }),
    shift: false,
    keep_alive: -1,
  }
}

/** The stock image answers everybody and ends for nobody. */
export function isUnguarded(image: string): boolean {
  return /^(docker\.io\/)?(library\/)?ollama\/ollama(:|@|$)/.test(image)
}
