import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { silentLog } from '../../ports/log.ts'
import { HOT_CALLS } from './__support__/hot-calls.ts'
import { storePast } from './__support__/stored-jobs.ts'
import { createBossQueue } from './boss-queue.ts'
import { openPglite } from './open-pglite.ts'
import type { Database, Sql } from './sql.ts'
import { createSqlStore } from './sql-store.ts'

const JOBS = 4_000
/** Tables that grow with the past; all others hold a handful of rows or one per day. */
const GROWING = /^(?:job|job_cost|job_event|job_step|ledger|job_common)$/

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly Plan[]
}

interface Asked {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The database with a list of what it was asked. */
function listening(database: Database, asked: Asked[]): Database {
  const heard = (sql: Sql): Sql => ({
    query(text, values = []) {
      asked.push({ text, values })
      return sql.query(text, values)
    },
    script: (text) => sql.script(text),
  })
  return { ...database, ...heard(database), transaction: (body) => database.transaction((sql) => body(heard(sql))) }
}

function nodesOf(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}

describe('beside a few thousand ended jobs', () => {
  const now = Date.UTC(2026, 10, 21, 12)
  const asked: Asked[] = []
  let folder = ''
  let database: Database
  let world: Parameters<(typeof HOT_CALLS)[number]['call']>[0]
  let stop: () => Promise<void>

  beforeAll(async () => {
    const parts = { clock: createFakeClock(now), log: silentLog }
    folder = await mkdtemp(join(tmpdir(), 'devloop-hot-'))
    const opened = await openPglite(folder, parts)
    database = opened.database
    const heard = listening(database, asked)
    const store = await createSqlStore(heard, parts)
    const queue = await createBossQueue(heard, parts)
    // As many pods as jobs: a table of a page or two is best read from end to end.
    await storePast(database, JOBS, now, 1)
    world = { store, queue, database: heard, jobs: JOBS, now }
    stop = async () => {
      await queue.stop(0)
      await store.close()
      await database.close()
    }
  })
  afterAll(async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  })

  it.each(HOT_CALLS.map((hot) => [hot.name, hot] as const))('%s reads by index', async (_, hot) => {
    asked.length = 0
    await hot.call(world)
    const statements = asked.filter(({ text }) => /devloop(?:_queue)?\./.test(text))
    expect(statements.length).toBeGreaterThan(0)
    for (const { text, values } of statements) expect(await scansOf(text, values), text).toEqual([])
  })

  it('would notice a statement without an index', async () => {
    expect(await scansOf("SELECT count(*) FROM devloop.job WHERE error->>'code' = 'x'", [])).toEqual(['job'])
  })

  /** Growing tables that the planner reads from end to end, with its own free choice between index and scan. */
  async function scansOf(text: string, values: readonly unknown[]): Promise<readonly string[]> {
    const rows = await database.transaction(async (sql) => {
      const plans = await sql.query<{ readonly 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(
        `EXPLAIN (FORMAT JSON) ${text}`,
        values,
      )
      return plans
    })
    const nodes = rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan: plan }) => nodesOf(plan)))
    return nodes
      .filter((node) => node['Node Type'] === 'Seq Scan' && GROWING.test(node['Relation Name'] ?? ''))
      .map((node) => node['Relation Name'] ?? '')
  }
})
