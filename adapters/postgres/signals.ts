import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Database } from './sql.ts'

const BACKSTOP_MS = 1_000
/** Wake-ups of one channel that follow one another so closely go out as one. */
const GATHER_MS = 20
const WIRE = 'devloop_signal'

/** Wake-ups, in this process at once and through the database to the other replicas. A poll each second covers those that are lost. */
export async function createSignals(database: Database, clock: Clock, log: Log) {
  const listeners = new Map<string, Set<() => void>>()
  const closing = new AbortController()
  const wake = (channel: string) => {
    for (const listener of listeners.get(channel) ?? []) listener()
  }
  const due = new Set<string>()
  const tellOthers = async (channel: string) => {
    due.delete(channel)
    await database
      .query('SELECT pg_notify($1, $2)', [WIRE, channel])
      .catch((error) => log.debug({ error, channel }, 'A wake-up was not sent; the others poll.'))
  }
  const unlisten = database.kind === 'postgres' ? await database.listen(WIRE, wake) : undefined
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
    async notify(channel: string): Promise<void> {
      queueMicrotask(() => wake(channel))
      if (database.kind === 'pglite' || due.has(channel)) return
      due.add(channel)
      void clock.sleep(GATHER_MS, closing.signal).then(
        () => tellOthers(channel),
        () => {},
      )
    },
    async close(): Promise<void> {
      closing.abort()
      await unlisten?.()
    },
  }
}
