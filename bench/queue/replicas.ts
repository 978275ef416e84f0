import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openStore } from '../../adapters/postgres/open-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { createJobRunner } from '../../jobs/runner.ts'
import { jobId } from '../../ports/ids.ts'
import { silentLog } from '../../ports/log.ts'
import { inferJob } from '../../sandbox/e2e/__support__/infer-job.ts'
import { NO_POSTGRES, startPostgres, type ThrowawayPostgres } from '../../sandbox/postgres/start-postgres.ts'

// `node bench/queue/replicas.ts [jobs] [--json]`: trivial jobs per second by 1, 2 and 4 worker processes on one PostgreSQL, and how soon
// another process goes on with the job of one that was killed.
const { positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } })
const jobs = Number(positionals[0] ?? 4_000)
const REPLICAS = [1, 2, 4]
const parts = { clock: systemClock, random: createSystemRandom(), log: silentLog }

const server = await startPostgres()
if (server === null) console.log(JSON.stringify({ name: 'queue, replicas', rows: [], skipped: NO_POSTGRES }))
else {
  try {
    const rows = []
    for (const replicas of REPLICAS) rows.push(await measureReplicas(server, replicas))
    console.log(
      JSON.stringify({ name: 'queue, replicas', jobs, rows, takeoverMs: await measureTakeover(server) }, null, 2),
    )
  } finally {
    await server.stop()
  }
}

async function measureReplicas({ url }: ThrowawayPostgres, replicas: number) {
  const { store, queue, close } = await openStore({ ...parts, databaseUrl: url(), dataDir: tmpdir() })
  const runner = createJobRunner({ store, queue, ...parts })
  const before = await answered()
  await Promise.all(Array.from({ length: 16 }, () => createSome(jobs / 16)))
  const workers = await startWorkers(
    url(),
    Array.from({ length: replicas }, () => 'work'),
  )
  const startedAt = performance.now()
  for (const worker of workers) worker.send('go')
  while ((await answered()) < before + Math.floor(jobs / 16) * 16) await systemClock.sleep(25)
  const tookMs = performance.now() - startedAt
  await stop(workers)
  runner.close()
  await close()
  return { replicas, jobsPerSecond: Math.round((jobs * 1_000) / tookMs) }

  async function answered(): Promise<number> {
    return (await store.jobs.countByOutcome(0)).answered ?? 0
  }

  async function createSome(count: number): Promise<void> {
    for (let n = 1; n <= count; n++) await createJob(runner)
  }
}

/** From `kill -9` of the process that has a job to the moment at which another one runs it. */
async function measureTakeover({ url }: ThrowawayPostgres): Promise<number> {
  const { store, queue, close } = await openStore({ ...parts, databaseUrl: url(), dataDir: tmpdir() })
  const runner = createJobRunner({ store, queue, ...parts })
  const [first, second] = await startWorkers(url(), ['hang', 'work'])
  if (first === undefined || second === undefined) throw new Error('two workers were started')
  first.send('go')
  const holds = once(first, 'message')
  await createJob(runner)
  await holds
  second.send('go')
  const goesOn = once(second, 'message')
  first.kill('SIGKILL')
  const killedAt = performance.now()
  await goesOn
  const tookMs = Math.round(performance.now() - killedAt)
  await stop([second])
  runner.close()
  await close()
  return tookMs
}

async function createJob(runner: ReturnType<typeof createJobRunner>): Promise<void> {
  const now = Date.now()
  const id = jobId.parse(parts.random.ulid(now))
  await runner.createJob(inferJob(id, now, 600_000))
}

async function startWorkers(url: string, ways: readonly string[]): Promise<readonly ChildProcess[]> {
  const workers = ways.map((how) => fork(join(import.meta.dirname, 'worker.ts'), [url, how]))
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  return workers
}

async function stop(workers: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    workers.map(async (worker) => {
      const ended = once(worker, 'exit')
      worker.disconnect()
      await ended
    }),
  )
}
