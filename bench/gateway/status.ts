import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { openStore } from '../../adapters/postgres/open-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { createStatusReader } from '../../app/controller/status.ts'
import { metricsRoutes } from '../../app/metrics/routes.ts'
import { createCallTally } from '../../parts/call-tally.ts'
import { silentLog } from '../../ports/log.ts'
import { microUsdFromUsd } from '../../ports/money.ts'
import { percentile } from './load.ts'

/** `/status` and `/metrics` over an embedded database with `jobs` jobs: read anew, and as they are answered in between. */
export async function measureStatus(jobs: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'devloop-status-'))
  const open = () =>
    openStore({
      databaseUrl: undefined,
      dataDir: join(dataDir, 'store'),
      clock: systemClock,
      random: createSystemRandom(),
      log: silentLog,
    })
  await (await open()).close(0)
  await fill(join(dataDir, 'store', 'pg'), jobs)
  const opened = await open()
  try {
    const { store, queue } = opened
    const budget = { perDayMicroUsd: microUsdFromUsd(10), perMonthMicroUsd: microUsdFromUsd(100) }
    const fresh: number[] = []
    const kept: number[] = []
    let now = Date.now()
    const read = createStatusReader({ store, queue, clock: { ...systemClock, now: () => now }, budget })
    await read()
    let freshCpuMs = 0
    for (let round = 0; round < 100; round++) {
      now += 60_000
      const before = process.cpuUsage()
      fresh.push(await timed(read))
      const used = process.cpuUsage(before)
      freshCpuMs += (used.user + used.system) / 1000 / 100
      for (let again = 0; again < 10; again++) kept.push(await timed(read))
    }

    const metrics = metricsRoutes({
      store,
      queue,
      clock: systemClock,
      log: silentLog,
      budget,
      github: createCallTally(),
      readDrift: async () => 0,
    })
    for (let scrape = 0; scrape < 300; scrape++) await (await metrics.request('/metrics')).text()
    const scraping = await shareOfCore(async () => {
      await (await metrics.request('/metrics')).text()
    })
    const idle = await shareOfCore(async () => {})
    return {
      jobs,
      freshCpuMs,
      freshP50Ms: percentile(fresh, 0.5),
      freshP95Ms: percentile(fresh, 0.95),
      keptP50Ms: percentile(kept, 0.5),
      scrapesCpuShare: scraping - idle,
      idleCpuShare: idle,
    }
  } finally {
    await opened.close(0)
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Ended jobs of a month, most of them prompts, as they lie there once the tables have been tidied. */
async function fill(directory: string, jobs: number): Promise<void> {
  const database = new PGlite(directory)
  await database.exec(`
    INSERT INTO devloop.job (id, kind, key, state, created_at, started_at, ended_at, deadline_at, outcome, result, cost_micro_usd)
    SELECT '01' || lpad(n::text, 24, '0'), CASE WHEN n % 5 = 0 THEN 'review' ELSE 'infer' END, 'k' || n, 'done', at, at + 10, at + 2000,
      at + 60000, CASE WHEN n % 5 = 0 THEN 'posted' ELSE 'answered' END, '{"timing": {"inferMs": 1500}}', 100
    FROM (SELECT n, ${Date.now()} - (${jobs} - n) * 20000 AS at FROM generate_series(1, ${jobs}) AS n) AS ended;
    ANALYZE;
  `)
  await database.close()
}

/** What `body` takes of a core when it is done a hundred times a second, for three seconds. */
async function shareOfCore(body: () => Promise<void>): Promise<number> {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  for (let count = 0; count < 300; count++) {
    await body()
    const due = startedAt + (count + 1) * 10
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
  }
  const { user, system } = process.cpuUsage(cpu)
  return (user + system) / 1000 / (performance.now() - startedAt)
}

async function timed(body: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await body()
  return performance.now() - startedAt
}
