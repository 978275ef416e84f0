import { StoreError } from '../../ports/errors.ts'
import type { Log } from '../../ports/log.ts'
import { AWAY, isConnectionLoss } from './store-failure.ts'

/** Tells once that the database is away and once that it is back, however many statements fail meanwhile. */
export interface Outage {
  /** Passes a statement's answer or error on, and learns from it. */
  watch<T>(statement: () => Promise<T>): Promise<T>
}

export function createOutage(log: Log, now: () => number): Outage {
  // Until it was reached once it cannot have gone: whoever opens it is told why it cannot be reached.
  let wasReached = false
  let awaySince: number | undefined
  return {
    async watch(statement) {
      try {
        const answer = await statement()
        wasReached = true
        if (awaySince !== undefined) {
          log.info({ awaySeconds: Math.round((now() - awaySince) / 1000) }, 'The database is back.')
          awaySince = undefined
        }
        return answer
      } catch (error) {
        if (wasReached && awaySince === undefined && isConnectionLoss(error)) {
          awaySince = now()
          log.error({ error }, `${AWAY}: work waits, nothing new is taken, and all goes on when it is back.`)
        }
        throw error
      }
    },
  }
}

/** The same log for all who use the database: that it was away is told already, so what fails for that alone is a detail. */
export function withoutOutages(log: Log): Log {
  const unlessTold =
    (level: 'warn' | 'error'): Log['warn'] =>
    (facts, sentence) =>
      log[isOutage(facts.error) ? 'debug' : level](facts, sentence)
  return {
    debug: (facts, sentence) => log.debug(facts, sentence),
    info: (facts, sentence) => log.info(facts, sentence),
    warn: unlessTold('warn'),
    error: unlessTold('error'),
  }
}

function isOutage(error: unknown): boolean {
  if (error instanceof StoreError) return error.facts.isLost === true
  return typeof error === 'string' ? error.includes(AWAY) : isConnectionLoss(error)
}
