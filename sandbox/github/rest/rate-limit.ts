import type { RateWindow } from '../state/rate-window.ts'
import type { World } from '../world.ts'

const hourMs = 3_600_000
const anonymousLimit = 60
const limit = 5000

/** The running hour of a caller. */
export function rateWindow(world: World, key: string): RateWindow {
  const known = world.rateWindows.get(key)
  if (known !== undefined && known.resetAtMs > world.nowMs()) return known
  const fresh = { limit: key === 'anonymous' ? anonymousLimit : limit, resetAtMs: world.nowMs() + hourMs, used: 0 }
  world.rateWindows.set(key, fresh)
  return fresh
}

export function rateHeaders(window: RateWindow): Record<string, string> {
  return {
    'x-ratelimit-limit': String(window.limit),
    'x-ratelimit-remaining': String(Math.max(0, window.limit - window.used)),
    'x-ratelimit-used': String(window.used),
    'x-ratelimit-reset': String(Math.floor(window.resetAtMs / 1000)),
    'x-ratelimit-resource': 'core',
  }
}
