import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMoneyJournal } from '../../adapters/journal/money-journal.ts'
import { openStore } from '../../adapters/postgres/open-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { FleetEngines } from '../../fleet/engines.ts'
import type { FleetParts } from '../../fleet/parts.ts'
import { reconcile } from '../../fleet/reconcile.ts'
import { requestStart, requestStop } from '../../fleet/requests.ts'
import { FLEET_TIMINGS } from '../../fleet/timings.ts'
import type { JobDefinition } from '../../jobs/definition.ts'
import { createJobRunner } from '../../jobs/runner.ts'
import { jobId } from '../../ports/ids.ts'
import { silentLog } from '../../ports/log.ts'
import { microUsd, microUsdFromUsd } from '../../ports/money.ts'
import { fleetPartsFor } from '../../sandbox/e2e/chaos/fleet-parts.ts'
import { inferJob } from '../../sandbox/e2e/__support__/infer-job.ts'
import { until } from '../../sandbox/e2e/__support__/until.ts'
import { VIRTUAL_POLICY } from '../../sandbox/e2e/chaos/virtual-policy.ts'
import { defaultBoot } from '../../sandbox/runpod/settings.ts'
import { startRunpod } from '../../sandbox/runpod/start.ts'

const MODEL = 'mistral:7b-instruct-q5_K_M'
const LOAD = { contextTokens: 4_096 }
/** The light guard takes 20 ms each to pull and to load. */
const MODEL_MS = 40
/** The design's paces where a job waits for them; only the proof that a pod is gone is made short, since nobody waits for it. */
const TIMINGS = { ...FLEET_TIMINGS, listMs: 200, absenceMs: 300, youngMs: 1_000, bootCoolDownMs: 1_000 }

/** The store, queue, job runner and fleet of a server over an emulated account, for one job at a time. */
export async function openOverhead(databaseUrl: string | undefined) {
  const dataDir = await mkdtemp(join(tmpdir(), 'devloop-overhead-'))
  const runpod = await startRunpod({ podRuntime: 'light', judge: false, balanceUsd: 1_000 })
  const random = createSystemRandom()
  const opened = await openStore({ databaseUrl, dataDir, clock: systemClock, random, log: silentLog })
  const { store, queue } = opened
  const whole = fleetPartsFor(runpod, {
    store,
    journal: createMoneyJournal(dataDir),
    log: silentLog,
    holder: 'overhead',
  })
  let onSent: (at: number) => void = () => {}
  const parts: FleetParts = {
    ...whole,
    connect(address) {
      const engine = whole.connect(address)
      const chat: typeof engine.chat = (request, options) => {
        onSent(now())
        return engine.chat(request, options)
      }
      return { ...engine, chat }
    },
  }
  const policy = { ...VIRTUAL_POLICY, maxCreatesPerHour: 1_000, timings: TIMINGS }
  const engines = new FleetEngines(parts, policy)
  const runner = createJobRunner({ store, queue, clock: systemClock, log: silentLog })
  runner.define(askingJob(engines))
  await runner.start({ infer: 2 })
  const over = new AbortController()
  const loop = reconcile(parts, policy, over.signal)
  return {
    /** Resolves when the job's first byte has left. */
    async runJob(): Promise<{ readonly queuedAt: number; readonly sentAt: number }> {
      const sent = new Promise<number>((resolve) => {
        onSent = resolve
      })
      const queuedAt = now()
      const id = jobId.parse(random.ulid(Date.now()))
      await runner.createJob(inferJob(id, Date.now(), 120_000))
      const sentAt = await sent
      // A round that begins before the last job gave its slot back would measure that job's end.
      const hasEnded = async () => (await store.jobs.find(id))?.endedAt != null
      await until(`the end of job ${id}`, hasEnded, ROUND_LIMIT_MS)
      return { queuedAt, sentAt }
    },
    /** By the provider's own times, not by what we saw of them. */
    newestPodReadyAt(): number {
      const { provisioningMs, startingMs, imageMs } = defaultBoot
      return Math.max(...runpod.pods().map((pod) => pod.createdAt)) + provisioningMs + startingMs + imageMs + MODEL_MS
    },
    async giveBack(): Promise<void> {
      await requestStop(parts, { force: false, reason: 'next round' })
      await until('the end of the pod', async () => (await store.pods.listLive()).length === 0, ROUND_LIMIT_MS)
    },
    async keepPod(): Promise<void> {
      await requestStart(parts, { model: MODEL, load: LOAD, keepMs: 600_000 })
      const isReady = async () => (await store.pods.listLive()).some((row) => row.state === 'ready')
      await until('a ready pod', isReady, ROUND_LIMIT_MS)
    },
    async close(): Promise<void> {
      over.abort()
      await loop
      await opened.close()
      runner.close()
      await runpod.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const ROUND_LIMIT_MS = 60_000

/** Wall time with fractions: the provider's times are wall times too. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

function askingJob(engines: FleetEngines): JobDefinition<null> {
  return {
    kind: 'infer',
    parse: () => null,
    async run({ job, signal }) {
      const lease = await engines.acquire(
        {
          jobId: job.id,
          repository: null,
          user: null,
          model: MODEL,
          load: LOAD,
          slotsWanted: 1,
          deadlineAt: job.deadlineAt,
          maxCostMicroUsd: microUsdFromUsd(1),
        },
        signal,
      )
      try {
        const messages = [{ role: 'user' as const, content: 'hello' }]
        await lease.engine.chat(
          { model: MODEL, messages, load: LOAD, maxOutputTokens: 512, temperature: 0, seed: 1 },
          { signal },
        )
      } finally {
        await lease.release()
      }
      return { outcome: 'answered', result: null, costMicroUsd: microUsd(0) }
    },
    onFailed: (_, error) => {
      process.stderr.write(`A job failed: ${String(error)}\n`)
      return Promise.resolve()
    },
  }
}
