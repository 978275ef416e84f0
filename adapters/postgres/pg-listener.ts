import type { Client } from 'pg'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Unlisten } from './sql.ts'

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5_000

interface ListenerParts {
  connect(): Client
  readonly clock: Clock
  readonly log: Log
}

/** One connection that hears notifications, made again when it is lost. What was said meanwhile is found by the backstop polls. */
export function createPgListener({ connect, clock, log }: ListenerParts) {
  const hearers = new Map<string, Set<(payload: string) => void>>()
  const closing = new AbortController()
  let client: Client | undefined
  let running: Promise<void> | undefined

  async function stayConnected(): Promise<void> {
    for (let waitMs = FIRST_WAIT_MS; !closing.signal.aborted; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      try {
        await hearUntilLost()
        waitMs = FIRST_WAIT_MS
      } catch (error) {
        log.warn({ error, waitMs }, 'The database connection for notifications was lost; it is made again.')
      }
      await clock.sleep(waitMs, closing.signal).catch(() => {})
    }
  }

  async function hearUntilLost(): Promise<void> {
    const mine = connect()
    const lost = Promise.withResolvers<void>()
    mine.on('error', lost.reject)
    mine.on('end', lost.resolve)
    const stopped = () => lost.resolve()
    closing.signal.addEventListener('abort', stopped)
    mine.on('notification', ({ channel, payload }) => {
      for (const hear of hearers.get(channel) ?? []) hear(payload ?? '')
    })
    try {
      await Promise.race([mine.connect(), lost.promise])
      client = mine
      for (const channel of hearers.keys()) await mine.query(`LISTEN "${channel}"`)
      if (!closing.signal.aborted) await lost.promise
    } finally {
      client = undefined
      closing.signal.removeEventListener('abort', stopped)
      await mine.end().catch(() => {})
    }
  }

  return {
    async listen(channel: string, onPayload: (payload: string) => void): Promise<Unlisten> {
      const among = hearers.get(channel) ?? new Set()
      if (among.size === 0) await client?.query(`LISTEN "${channel}"`).catch(() => {})
      hearers.set(channel, among.add(onPayload))
      running ??= stayConnected()
      return async () => {
        among.delete(onPayload)
      }
    },
    async close(): Promise<void> {
      closing.abort()
      await running
    },
  }
}
