import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../ports/log.ts'
import { microUsd } from '../../ports/money.ts'
import { NO_POSTGRES, startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { createBossQueue } from './boss-queue.ts'
import { fetchMessages } from './fetch-messages.ts'
import { createEnds } from './job-writes.ts'
import { migrate } from './migrate.ts'
import { createPgDatabase } from './pg-database.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
const server = await startPostgres()

if (server === null) describe('PostgreSQL', () => test.skip(NO_POSTGRES, () => {}))
else
  describe('a burst that the planner knows nothing of', () => {
    const database = createPgDatabase({ databaseUrl: server.url(), clock, log: silentLog })
    beforeAll(async () => {
      await migrate(database)
      await (await createBossQueue(database, { clock, log: silentLog })).stop(0)
    })
    afterAll(async () => {
      await database.close()
      await server.stop()
    })

    test('a fetch costs what it takes, not what waits', async () => {
      await database.script(`
      INSERT INTO devloop_queue.job (name, data, singleton_key, policy)
      SELECT 'infer', '{}', 'k' || n, 'key_strict_fifo' FROM generate_series(1, 2000) AS n`)
      const rows: string[] = []
      const explained = {
        query: async <Row extends object>(text: string, values?: readonly unknown[]) => {
          const plan = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, values)
          rows.push(...plan.map((row) => row['QUERY PLAN']))
          return [] as readonly Row[]
        },
      }
      await fetchMessages(explained, 'infer', 16)
      const touched = [...rows.join('\n').matchAll(/ rows=(\d+) loops=(\d+)\)/gu)].map(
        ([, each, times]) => Number(each) * Number(times),
      )
      expect(touched).toContain(16)
      // Going through all that waits for each of the sixteen reads 32,000.
      expect(Math.max(...touched)).toBeLessThan(200)
    })

    test('processes that end many jobs at once do not wait for one another', async () => {
      const [processes, jobs] = [4, 480]
      await database.script(`
      INSERT INTO devloop.job (id, kind, key, created_at, deadline_at)
      SELECT 'p' || p || '-' || n, 'infer', 'k', 0, 1 FROM generate_series(1, ${processes}) p, generate_series(1, ${jobs}) n`)
      const refused: unknown[] = []
      const heard: typeof database.query = (text, values) =>
        database.query<never>(text, values).catch((error) => {
          refused.push(error)
          throw error
        })
      const patch = {
        state: 'done',
        outcome: 'answered',
        error: null,
        result: null,
        costMicroUsd: microUsd(0),
        endedAt: 2,
      } as const
      await Promise.all(
        Array.from({ length: processes }, async (_, process) => {
          const end = createEnds({ query: heard })
          for (let from = 0; from < jobs; from += 16) {
            const ids = Array.from({ length: 16 }, (_id, index) => `p${process + 1}-${from + index + 1}`)
            expect(await Promise.all(ids.map((id) => end({ id, fence: 0, patch })))).not.toContain(false)
          }
        }),
      )
      expect(refused).toEqual([])
      const [counted] = await database.query<{ count: number }>(
        'SELECT sum(count)::bigint AS count FROM devloop.job_count',
      )
      expect(counted?.count).toBe(processes * jobs)
    })
  })
