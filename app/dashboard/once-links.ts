import { createHash } from 'node:crypto'
import type { Clock, Random } from '../../ports/clock.ts'

/** More than anybody opens; the oldest go first. */
const MOST_WAITING = 100

/** Log-in codes for whoever started the server: each opens one session, and only in the process that made it. */
export interface OnceLinks {
  create(validMs: number): string
  /** True once per code. */
  take(code: string): boolean
}

export function createOnceLinks({ clock, random }: { readonly clock: Clock; readonly random: Random }): OnceLinks {
  const waiting = new Map<string, number>()
  return {
    create(validMs) {
      const code = random.hex(24)
      const [oldest] = waiting.keys()
      if (waiting.size >= MOST_WAITING && oldest !== undefined) waiting.delete(oldest)
      waiting.set(hashOf(code), clock.now() + validMs)
      return code
    },
    take(code) {
      const hash = hashOf(code)
      const until = waiting.get(hash)
      waiting.delete(hash)
      return until !== undefined && until > clock.now()
    },
  }
}

/** Looked up by hash, so that no comparison of secrets can be timed. */
function hashOf(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}
