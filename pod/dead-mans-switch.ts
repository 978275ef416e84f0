import { log } from './log.ts'
import { removeSelf } from './remove-self.ts'
import type { GuardSettings } from './settings.ts'
import { shouldEnd } from './should-end.ts'
import { type GuardState, lifeOf } from './state.ts'

/**
 * Looks at the state again and again, and once the pod must end tries to remove it for ever. It never exits the
 * process: the provider would start the container again and go on billing.
 */
export async function watchLife(settings: GuardSettings, state: GuardState, now: () => number): Promise<never> {
  for (;;) {
    const reason = shouldEnd(lifeOf(state, settings), now())
    if (reason !== null) {
      state.endReason = reason
      state.phase = 'ending'
      log('ending', { reason, podId: settings.podId })
      return removeForEver(settings)
    }
    await wait(settings.checkEveryMs)
  }
}

async function removeForEver(settings: GuardSettings): Promise<never> {
  for (;;) {
    const attempts = await removeSelf(settings)
    log('removal-tried', { attempts })
    await wait(settings.removeEveryMs)
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/**
 * Wall time that never runs slower than the machine's own counter: a clock set back cannot move the deadline away.
 */
export function steadyClock(wall = Date.now, monotonic = () => performance.now()): () => number {
  const offset = wall() - monotonic()
  return () => Math.round(Math.max(wall(), offset + monotonic()))
}
