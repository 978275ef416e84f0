import type { ResolvedConfig } from '../../config/resolved-config.ts'
import { requestStart, requestStop } from '../../fleet/requests.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LoadOptions } from '../../ports/model.ts'
import type { Store } from '../../ports/store.ts'
import type { FleetControl } from './parts.ts'
import { RequestRefused } from './problem.ts'

const POLL_MS = 250

/** Start, drain and shutdown as wishes in the store: whichever replica drives the pods carries them out. */
export function createFleetControl(
  parts: { readonly store: Store; readonly clock: Clock },
  facts: { readonly config: ResolvedConfig; readonly loadOptionsOf: (model: string) => LoadOptions },
): FleetControl {
  const { store, clock } = parts
  return {
    start: (model) =>
      requestStart(parts, {
        model,
        load: facts.loadOptionsOf(model),
        keepMs: facts.config.fleet.idle.maxMinutes * 60_000,
      }),
    stop: () => requestStop(parts, { force: false, reason: 'asked for through the controller' }),
    async shutdown(signal) {
      await requestStop(parts, { force: true, reason: 'asked for through the controller' })
      for (;;) {
        const live = await store.pods.listLive()
        if (live.length === 0 || signal.aborted) return { left: live.length }
        await clock.sleep(POLL_MS, signal).catch(() => {})
      }
    },
  }
}

/** For a server whose engine somebody else runs: there is nothing to start, and nothing that could be left over. */
export const fixedEngineControl: FleetControl = {
  start: async () => refuseFixedEngine(),
  stop: async () => refuseFixedEngine(),
  shutdown: async () => ({ left: 0 }),
}

function refuseFixedEngine(): never {
  throw new RequestRefused(
    409,
    'fixed-engine',
    'This server rents no pods: DEVLOOP_ENGINE names an Ollama that somebody else runs.',
    'Set DEVLOOP_ENGINE=runpod to rent.',
  )
}
