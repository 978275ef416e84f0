import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createMoneyJournal } from '../../adapters/journal/money-journal.ts'
import { openStore } from '../../adapters/postgres/open-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { FleetEngines } from '../../fleet/engines.ts'
import { reconcile } from '../../fleet/reconcile.ts'
import { requestStart } from '../../fleet/requests.ts'
import { silentLog } from '../../ports/log.ts'
import { microUsdFromUsd } from '../../ports/money.ts'
import { FAST_TIMINGS } from '../../sandbox/e2e/chaos/fast-timings.ts'
import { fleetPartsFor } from '../../sandbox/e2e/chaos/fleet-parts.ts'
import { VIRTUAL_POLICY } from '../../sandbox/e2e/chaos/virtual-policy.ts'
import { startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { startRunpod } from '../../sandbox/runpod/start.ts'

/** Time from "a job asks for an engine" to "its first request may leave to the warm pod", and back: our own part of the wait. */
const ROUNDS = 200
const MODEL = 'mistral:7b-instruct-q5_K_M'
const LOAD = { contextTokens: 4_096 }

const postgres = await startPostgres()
const results = [
  await measure('PGlite', undefined),
  ...(postgres === null ? [] : [await measure('PostgreSQL', postgres.url())]),
]
await postgres?.stop()
for (const { store, p50Ms, p95Ms } of results) {
  process.stdout.write(
    `${store.padEnd(12)} queued to dispatched on a warm pod: p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms (bound 50 ms)\n`,
  )
}
await writeFile(
  fileURLToPath(new URL('../results/fleet-overhead.json', import.meta.url)),
  `${JSON.stringify({ rounds: ROUNDS, results }, null, 1)}\n`,
)

async function measure(store: string, databaseUrl: string | undefined) {
  const dataDir = await mkdtemp(join(tmpdir(), 'devloop-overhead-'))
  const runpod = await startRunpod({ podRuntime: 'light', judge: false })
  const opened = await openStore({
    databaseUrl,
    dataDir,
    clock: systemClock,
    random: createSystemRandom(),
    log: silentLog,
  })
  const own = { store: opened.store, journal: createMoneyJournal(dataDir), log: silentLog, holder: 'overhead' }
  const parts = fleetPartsFor(runpod, own)
  const policy = { ...VIRTUAL_POLICY, timings: FAST_TIMINGS }
  const over = new AbortController()
  const loop = reconcile(parts, policy, over.signal)
  try {
    await requestStart(parts, { model: MODEL, load: LOAD, keepMs: 120_000 })
    const engines = new FleetEngines(parts, policy)
    const times: number[] = []
    for (let round = -1; round < ROUNDS; round += 1) {
      const startedAt = performance.now()
      const lease = await engines.acquire(demandOf(round), over.signal)
      // The first round waits for the pod.
      if (round >= 0) times.push(performance.now() - startedAt)
      await lease.release()
      await sleep(20)
    }
    const sorted = times.toSorted((a, b) => a - b)
    return { store, p50Ms: sorted[Math.floor(ROUNDS * 0.5)] ?? 0, p95Ms: sorted[Math.floor(ROUNDS * 0.95)] ?? 0 }
  } finally {
    over.abort()
    await loop
    await opened.close()
    await runpod.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function demandOf(round: number) {
  return {
    jobId: `round-${round}`,
    repository: null,
    user: null,
    model: MODEL,
    load: LOAD,
    slotsWanted: 1,
    deadlineAt: Date.now() + 60_000,
    maxCostMicroUsd: microUsdFromUsd(1),
  }
}
