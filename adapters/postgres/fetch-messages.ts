import type { QueueName } from '../../ports/queue.ts'
import { BOSS_SCHEMA } from './boss.ts'
import type { Database } from './sql.ts'

export interface FetchedMessage<Message> {
  readonly id: string
  readonly data: Message
  readonly retryCount: number
}

/**
 * What pg-boss's own fetch of a `key_strict_fifo` queue takes: the first waiting message of each key that nothing of that key runs
 * before. Its statement lists the heads of all keys first, so each fetch costs as much as everything that waits; this one stops at the
 * limit and asks the index about one key at a time. `OFFSET 0` sees to the latter: without it the planner may make joins of the
 * questions, and where its figures are from before a burst, it goes through all that waits for each message taken.
 */
const FETCH = `
WITH next AS (
  SELECT j.id FROM ${BOSS_SCHEMA}.job j
  WHERE j.name = $1 AND j.state < 'active' AND NOT j.blocked AND j.start_after <= now()
    AND NOT EXISTS (
      SELECT 1 FROM ${BOSS_SCHEMA}.job b
      WHERE b.name = $1 AND b.singleton_key = j.singleton_key AND b.state IN ('active', 'retry', 'failed')
        AND b.policy = 'key_strict_fifo' AND b.id <> j.id OFFSET 0)
    AND NOT EXISTS (
      SELECT 1 FROM ${BOSS_SCHEMA}.job h
      WHERE h.name = $1 AND h.singleton_key = j.singleton_key AND h.state = 'created' AND NOT h.blocked
        AND h.policy = 'key_strict_fifo' AND h.start_after <= now()
        AND j.state = 'created' AND (h.created_on, h.id) < (j.created_on, j.id) OFFSET 0)
  ORDER BY j.priority DESC, j.created_on
  LIMIT $2
  FOR UPDATE OF j SKIP LOCKED
)
UPDATE ${BOSS_SCHEMA}.job j SET state = 'active', started_on = now(), heartbeat_on = now(),
  retry_count = CASE WHEN j.started_on IS NOT NULL THEN j.retry_count + 1 ELSE j.retry_count END
FROM next WHERE j.name = $1 AND j.id = next.id
RETURNING j.id, j.data, j.retry_count AS "retryCount"`

/** Takes up to `places` messages that may run now. */
export function fetchMessages<Message>(
  database: Pick<Database, 'query'>,
  queue: QueueName,
  places: number,
): Promise<readonly FetchedMessage<Message>[]> {
  return database.query<FetchedMessage<Message>>(FETCH, [queue, places])
}
