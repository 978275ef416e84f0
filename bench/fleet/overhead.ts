import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { openOverhead } from './overhead-server.ts'

/**
 * Our own part of the wait: from "job queued" to the first byte that leaves for a ready, warm pod, and from "the provider's pod runs and
 * its model is ready" to the first byte of the job that waited for it. `node bench/fleet/overhead.ts [rounds]`.
 */
const WARM_ROUNDS = Number(process.argv[2] ?? 200)
const COLD_ROUNDS = Math.max(3, Math.round(WARM_ROUNDS / 20))

const postgres = await startPostgres()
const results = [
  await measure('PGlite', undefined),
  ...(postgres === null ? [] : [await measure('PostgreSQL', postgres.url())]),
]
await postgres?.stop()
for (const { store, warm, cold } of results) {
  process.stdout.write(`${store.padEnd(12)} queued to first byte, warm pod     ${shown(warm)}   (bound: p95 50 ms)\n`)
  process.stdout.write(`${' '.repeat(12)} model ready to first byte, new pod ${shown(cold)}   (bound: 1,000 ms)\n`)
}
await writeFile(
  fileURLToPath(new URL('../results/fleet-overhead.json', import.meta.url)),
  `${JSON.stringify({ warmRounds: WARM_ROUNDS, coldRounds: COLD_ROUNDS, results }, null, 1)}\n`,
)

async function measure(store: string, databaseUrl: string | undefined) {
  const server = await openOverhead(databaseUrl)
  try {
    const cold: number[] = []
    for (let round = 0; round < COLD_ROUNDS; round += 1) {
      const { sentAt } = await server.runJob()
      cold.push(sentAt - server.newestPodReadyAt())
      await server.giveBack()
    }
    await server.keepPod()
    const warm: number[] = []
    for (let round = 0; round < WARM_ROUNDS; round += 1) {
      const { queuedAt, sentAt } = await server.runJob()
      warm.push(sentAt - queuedAt)
      await sleep(20)
    }
    return { store, warm: figuresOf(warm), cold: figuresOf(cold) }
  } finally {
    await server.close()
  }
}

interface Times {
  readonly p50Ms: number
  readonly p95Ms: number
  readonly maxMs: number
}

function figuresOf(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) }
}

function shown({ p50Ms, p95Ms, maxMs }: Times): string {
  const ms = (value: number) => value.toFixed(1).padStart(7)
  return `p50 ${ms(p50Ms)}  p95 ${ms(p95Ms)}  most ${ms(maxMs)} ms`
}
