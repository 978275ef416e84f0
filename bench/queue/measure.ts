import { openStore } from '../../adapters/postgres/open-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { createJobRunner } from '../../jobs/runner.ts'
import { jobId } from '../../ports/ids.ts'
import { silentLog } from '../../ports/log.ts'
import { microUsd } from '../../ports/money.ts'
import { inferJob } from '../../sandbox/e2e/__support__/infer-job.ts'

export interface QueueMeasures {
  /** Opening what is there already; the first opening is measured by who calls. */
  readonly openMs: number
  /** Processor time of this process per job, which a busy machine does not change. */
  readonly cpuMsPerJob: number
  readonly createdPerSecond: number
  readonly jobsPerSecond: number
  readonly dispatchP50Ms: number
  readonly dispatchP95Ms: number
  readonly rssMb: number
  readonly idleCpuPercent: number
}

const IDLE_MS = 5_000

/** Trivial jobs through the whole road: created with their message, claimed, run, ended. */
export async function measureQueue(
  place: { readonly databaseUrl: string | undefined; readonly dataDir: string },
  jobs: number,
): Promise<QueueMeasures> {
  const random = createSystemRandom()
  const open = () => openStore({ ...place, clock: systemClock, random, log: silentLog })
  const opening = performance.now()
  const { store, queue, close } = await open()
  const opened = performance.now()
  const runner = createJobRunner({ store, queue, clock: systemClock, log: silentLog })
  let ran = 0
  const started = new Map<string, number>()
  const waits: number[] = []
  runner.define<null>({
    kind: 'infer',
    parse: () => null,
    onFailed: async () => {},
    async run({ job }) {
      waits.push(performance.now() - (started.get(job.id) ?? 0))
      ran += 1
      return { outcome: 'answered', result: null, costMicroUsd: microUsd(0) }
    },
  })
  const create = async () => {
    const id = jobId.parse(random.ulid(Date.now()))
    started.set(id, performance.now())
    await runner.createJob(inferJob(id, Date.now(), 600_000))
  }
  const ended = async (wanted: number) => {
    while (ran < wanted) await systemClock.sleep(5)
    while (((await store.jobs.countByOutcome(0)).answered ?? 0) < wanted) await systemClock.sleep(20)
  }

  const creating = performance.now()
  await inParallel(jobs, 16, create)
  const created = performance.now()
  const working = process.cpuUsage()
  await runner.start({ infer: 32 })
  await ended(jobs)
  const worked = process.cpuUsage(working)
  const drained = performance.now()

  waits.length = 0
  for (let n = 0; n < 50; n++) {
    await create()
    await systemClock.sleep(20)
  }
  await ended(jobs + 50)
  waits.sort((a, b) => a - b)
  const before = process.cpuUsage()
  await systemClock.sleep(IDLE_MS)
  const used = process.cpuUsage(before)
  await close(1_000)
  runner.close()
  return {
    openMs: round(opened - opening),
    createdPerSecond: round((jobs * 1_000) / (created - creating)),
    jobsPerSecond: round((jobs * 1_000) / (drained - created)),
    cpuMsPerJob: round((worked.user + worked.system) / 1_000 / jobs),
    dispatchP50Ms: round(waits[25] ?? 0),
    dispatchP95Ms: round(waits[47] ?? 0),
    rssMb: round(process.memoryUsage.rss() / 1_000_000),
    idleCpuPercent: round((used.user + used.system) / IDLE_MS / 10),
  }
}

async function inParallel(times: number, wide: number, work: () => Promise<void>): Promise<void> {
  let left = times
  await Promise.all(
    Array.from({ length: wide }, async () => {
      while (left-- > 0) await work()
    }),
  )
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

export async function measureFirstOpen(place: {
  readonly databaseUrl: string | undefined
  readonly dataDir: string
}): Promise<number> {
  const opening = performance.now()
  const random = createSystemRandom()
  const { close } = await openStore({ ...place, clock: systemClock, random, log: silentLog })
  const openMs = round(performance.now() - opening)
  await close()
  return openMs
}
