import type { Clock } from '../../ports/clock.ts'

const BACKSTOP_MS = 1_000

/** Wake-ups within one process. The backstop runs here too, so that what depends on it is tested without a database. */
export function createSignals(clock: Clock) {
  const listeners = new Map<string, Set<() => void>>()
  const closing = new AbortController()
  const wake = (channel: string) => {
    for (const listener of listeners.get(channel) ?? []) listener()
  }
  const backstop = async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(BACKSTOP_MS, closing.signal)
      for (const channel of listeners.keys()) wake(channel)
    }
  }
  return {
    listen(channel: string, listener: () => void): () => void {
      if (listeners.size === 0) void backstop().catch(() => {})
      const among = listeners.get(channel) ?? new Set()
      listeners.set(channel, among.add(listener))
      return () => among.delete(listener)
    },
    notify: (channel: string) => queueMicrotask(() => wake(channel)),
    close: () => closing.abort(),
  }
}
