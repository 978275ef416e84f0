import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { deliveryId } from '../../ports/ids.ts'
import { silentLog } from '../../ports/log.ts'
import type { Queue } from '../../ports/queue.ts'
import { NO_POSTGRES, startPostgres, type ThrowawayPostgres } from '../../sandbox/postgres/start-postgres.ts'
import { openStore } from './open-store.ts'

const clock = {
  now: () => Date.now(),
  sleep: (ms: number, signal?: AbortSignal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
}
const KILL_AFTER = 40

let directory: string
let server: ThrowawayPostgres | null
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'devloop-killed-'))
  server = await startPostgres()
})
afterAll(async () => {
  await server?.stop()
  await rm(directory, { recursive: true, force: true })
})

/** A process that holds one message for ever and sends others as fast as it can, saying so after each. */
function startSender(dataDir: string, databaseUrl: string | undefined): ChildProcess {
  const here = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const program = `
    import { openStore } from ${here('./open-store.ts')}
    import { systemClock as clock } from ${here('../system/system-clock.ts')}
    import { createSystemRandom } from ${here('../system/system-random.ts')}
    import { silentLog as log } from ${here('../../ports/log.ts')}
    const place = ${JSON.stringify({ dataDir, databaseUrl })}
    const { queue, store } = await openStore({ ...place, clock, random: createSystemRandom(), log })
    const held = Promise.withResolvers()
    const run = () => { held.resolve(); return new Promise(() => {}) }
    await queue.work('review', { run, concurrency: 1, retryLimit: 0, expireMs: 600_000 })
    await queue.send('review', { subject: 'held', key: 'held' })
    await held.promise
    for (let n = 0; ; n++) {
      await queue.send('infer', { subject: String(n), key: 'key ' + (n % 7) })
      await store.deliveries.addAll([{ id: 'guid ' + n, event: 'push', receivedAt: n, payload: JSON.stringify({ n }) }])
      console.log(n)
    }`
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Kills it in the middle of its sending; answers the last message that it had been told was kept. */
async function killMidway(sender: ChildProcess): Promise<number> {
  if (sender.stdout === null) throw new Error('the sender has no output')
  let kept = -1
  for await (const line of createInterface({ input: sender.stdout })) {
    kept = Number(line)
    if (kept === KILL_AFTER) sender.kill('SIGKILL')
  }
  if (sender.exitCode === null && sender.signalCode === null) await once(sender, 'exit')
  return kept
}

async function collect(queue: Queue): Promise<Set<string>> {
  const seen = new Set<string>()
  const run = async ({ subject }: { subject: string }) => void seen.add(subject)
  for (const name of ['infer', 'review'] as const) {
    await queue.work(name, { run, concurrency: 8, retryLimit: 0, expireMs: 60_000 })
  }
  return seen
}

const open = (dataDir: string, databaseUrl: string | undefined) =>
  openStore({ dataDir, databaseUrl, clock, random: createSeededRandom(1), log: silentLog })

async function comesBack(databaseUrl: string | undefined, withinMs: number): Promise<void> {
  const dataDir = join(directory, databaseUrl === undefined ? 'pglite' : 'postgres')
  const kept = await killMidway(startSender(dataDir, databaseUrl))
  expect(kept).toBeGreaterThanOrEqual(KILL_AFTER)
  const { queue, store, close, recovered } = await open(dataDir, databaseUrl)
  try {
    expect(recovered).toBe(false)
    for (let n = 0; n <= kept; n++) {
      const delivery = await store.deliveries.find(deliveryId.parse(`guid ${n}`))
      expect(delivery?.payload).toBe(JSON.stringify({ n }))
    }
    const seen = await collect(queue)
    const all = Array.from({ length: kept + 1 }, (_, n) => String(n))
    await vi.waitFor(() => expect(all.filter((subject) => !seen.has(subject))).toEqual([]), { timeout: 15_000 })
    await vi.waitFor(() => expect(seen).toContain('held'), { timeout: withinMs, interval: 50 })
  } finally {
    await close()
  }
}

test.concurrent('after kill -9 on PGlite all that was sent is there, and what was being run comes again at once', async () => {
  await comesBack(undefined, 5_000)
}, 60_000)

test.concurrent('after kill -9 on PostgreSQL another process has it all, and what was being run within half a minute', async ({
  skip,
}) => {
  if (server === null) return skip(NO_POSTGRES)
  await comesBack(server.url(), 30_000)
}, 60_000)

test('a database that goes away is waited for: workers go on when it is back', async ({ skip }) => {
  if (server === null) return skip(NO_POSTGRES)
  const { queue, store, close } = await open(directory, server.url())
  try {
    const seen = await collect(queue)
    await queue.send('infer', { subject: 'before', key: 'k' })
    await vi.waitFor(() => expect(seen).toContain('before'), { timeout: 5_000 })
    await server.halt()
    await expect(store.facts.get('x')).rejects.toMatchObject({ code: 'unavailable', owner: 'retry' })
    await delay(300)
    await server.restart()
    await vi.waitFor(() => queue.send('infer', { subject: 'after', key: 'k' }), { timeout: 10_000, interval: 100 })
    await vi.waitFor(() => expect(seen).toContain('after'), { timeout: 10_000 })
    let woken = 0
    store.listen('demand', () => {
      woken += 1
    })
    await vi.waitFor(() => expect(woken).toBeGreaterThan(0), { timeout: 3_000 })
  } finally {
    await close()
  }
}, 40_000)
