import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createMoneyJournal } from '../../../adapters/journal/money-journal.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import type { PodBill } from '../../runpod/billing.ts'
import { startPostgres } from '../../postgres/start-postgres.ts'
import { CRASH_POINTS } from './crash-points.ts'
import type { ProviderAddress } from './fleet-parts.ts'
import { Replica } from './replica.ts'
import type { FromWorker } from './worker-order.ts'

const RUNPOD = fileURLToPath(new URL('../../runpod/main.ts', import.meta.url))

export interface ProcessOrder {
  readonly seed: number
  readonly seconds: number
  readonly store: 'pglite' | 'postgres'
  readonly loud: boolean
}

export interface ProcessResult {
  readonly store: string
  readonly processes: number
  readonly seconds: number
  readonly kills: number
  readonly stops: number
  readonly crashPointsTried: number
  readonly creates: number
  readonly ambiguous: number
  readonly liveAtEnd: number
  readonly maxLive: number
  readonly unneededPodSeconds: number
  readonly jobs: number
  readonly done: number
  readonly lost: number
  readonly twice: number
  readonly ledgerUsd: number
  readonly billedUsd: number
  readonly differencePercent: number
  /** Pods whose last word in the journals and bill are furthest apart, for whoever looks for the reason. */
  readonly furthest: readonly string[]
}

/** Undefined when the machine has no PostgreSQL. */
export async function runProcesses(order: ProcessOrder): Promise<ProcessResult | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'devloop-chaos-'))
  const postgres = order.store === 'postgres' ? await startPostgres() : null
  if (order.store === 'postgres' && postgres === null) return undefined
  const runpod = await startProvider(order.seed)
  const run = new ProcessRun(order, directory, runpod.address, postgres?.url())
  try {
    return await run.toEnd()
  } finally {
    await run.end()
    runpod.child.kill('SIGTERM')
    await postgres?.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

interface Provider {
  readonly child: ChildProcess
  readonly address: ProviderAddress
}

async function startProvider(seed: number): Promise<Provider> {
  const options = [
    '--runtime',
    'light',
    '--seed',
    String(seed),
    '--chaos',
    JSON.stringify(CHAOS),
    '--balance',
    '1000',
    '--no-judge',
  ]
  const child = spawn(process.execPath, [RUNPOD, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the emulated provider ended with ${code} before it was up`)))
    child.stdout.setEncoding('utf8').once('data', resolve)
  })
  return { child, address: JSON.parse(line) }
}

/** The rates of the measured run in the life-cycle reference, and the ways in which a pod does not come up. */
const CHAOS = {
  noCapacity: 0.2,
  createErrorAfter: 0.2,
  createDropAfter: 0.1,
  listError: 0.1,
  deleteErrorBefore: 0.1,
  deleteErrorAfter: 0.1,
  deleteMissesYoung: 1,
  youngMs: 1_500,
  listLagMs: 1_500,
  stuckProvisioning: 0.03,
  zeroGpu: 0.03,
  bootError: 0.03,
  diesMidStream: 0.03,
}

interface Settled {
  readonly microUsd: number
  readonly reason: string
}

function furthestApart(bills: readonly PodBill[], settled: ReadonlyMap<string, Settled>): string[] {
  return bills
    .map((bill) => ({ ...bill, line: settled.get(bill.name) }))
    .map((pod) => ({ ...pod, apart: Math.abs(pod.costMicroUsd - (pod.line?.microUsd ?? 0)) }))
    .toSorted((a, b) => b.apart - a.apart)
    .slice(0, 3)
    .map(
      ({ name, costMicroUsd, line }) =>
        `${name}: billed ${costMicroUsd}, ${line?.reason ?? 'not settled'} ${line?.microUsd ?? 0}`,
    )
}

class ProcessRun {
  readonly #order: ProcessOrder
  readonly #address: ProviderAddress
  readonly #random: ReturnType<typeof createSeededRandom>
  readonly #replicas: Replica[]
  readonly #submitted = new Set<string>()
  readonly #accepted = new Set<string>()
  readonly #sink: string
  readonly #failures: string
  #report: Extract<FromWorker, { kind: 'report' }> | undefined
  #stops = 0
  #maxLive = 0
  #unneededMs = 0
  #isStriking = true
  #isOver = false

  constructor(order: ProcessOrder, directory: string, address: ProviderAddress, databaseUrl: string | undefined) {
    this.#order = order
    this.#address = address
    this.#random = createSeededRandom(order.seed)
    this.#sink = join(directory, 'sink')
    this.#failures = join(directory, 'failures')
    const count = order.store === 'postgres' ? 3 : 1
    this.#replicas = Array.from({ length: count }, (_, index) => {
      let starts = 0
      const orderOf = () => {
        starts += 1
        // Every other life ends at a step boundary, each boundary in its turn.
        const crashAt = starts % 2 === 0 ? CRASH_POINTS[(starts / 2 + index * 7) % CRASH_POINTS.length] : undefined
        return {
          name: `replica-${index}`,
          runpod: address,
          ...(databaseUrl === undefined ? {} : { databaseUrl }),
          dataDir: join(directory, `data-${index}`),
          sink: this.#sink,
          failures: this.#failures,
          crashAt: this.#isStriking ? (crashAt ?? null) : null,
          loud: order.loud,
        }
      }
      return new Replica(orderOf, (message) => this.#onMessage(message))
    })
  }

  async toEnd(): Promise<ProcessResult> {
    await Promise.all([writeFile(this.#sink, ''), writeFile(this.#failures, '')])
    await Promise.all(this.#replicas.map((_, index) => mkdir(join(this.#sink, '..', `data-${index}`))))
    const watching = this.#watch()
    // A failed look ends the run where it waits; until then it is nobody's rejection.
    watching.catch(() => {})
    for (const replica of this.#replicas) replica.start()
    await this.#until(() => this.#replicas.some((replica) => replica.isUp), 30_000)
    const endsAt = Date.now() + this.#order.seconds * 1_000
    await Promise.all([this.#feed(endsAt), this.#strike(endsAt)])
    this.#isStriking = false
    // A replica that still waits at its crash point would take the end of the run with it.
    for (const replica of this.#replicas) replica.kill()
    await this.#until(
      async () => this.#accepted.size === this.#submitted.size && (await this.#doneOf()).size === this.#submitted.size,
      120_000,
    )
    await this.#until(async () => (await this.#live()).length === 0 && this.#report?.livePods === 0, 90_000)
    await sleep(3_000)
    await this.#until(async () => (await this.#live()).length === 0 && this.#report?.livePods === 0, 30_000)
    this.#isOver = true
    await watching
    return this.#result()
  }

  async end(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.end(4_000)))
  }

  async #result(): Promise<ProcessResult> {
    const lines = (await readFile(this.#sink, 'utf8')).split('\n').filter((line) => line !== '')
    const done = new Set(lines)
    const calls =
      await this.#ask<{ operation?: string; method?: string; path?: string; fault?: string }[]>('/sandbox/calls')
    const billing = await this.#ask<{ spentMicroUsd: number; pods: PodBill[] }>('/sandbox/billing')
    const ledgerUsd = (this.#report?.ledgerMicroUsd ?? 0) / 1e6
    const billedUsd = billing.spentMicroUsd / 1e6
    const posts = calls.filter((call) => call.method === 'POST' && /\/pods$/.test(call.path ?? ''))
    return {
      store: this.#order.store,
      processes: this.#replicas.length,
      seconds: this.#order.seconds,
      kills: this.#replicas.reduce((sum, replica) => sum + replica.deaths, 0),
      stops: this.#stops,
      crashPointsTried: Math.min(
        CRASH_POINTS.length,
        this.#replicas.reduce((sum, replica) => sum + Math.floor(replica.starts / 2), 0),
      ),
      creates: posts.length,
      ambiguous: posts.filter((call) => /-but-created$/.test(call.fault ?? '')).length,
      liveAtEnd: (await this.#live()).length,
      maxLive: this.#maxLive,
      unneededPodSeconds: Math.round(this.#unneededMs / 1_000),
      jobs: this.#submitted.size,
      done: done.size,
      lost: [...this.#submitted].filter((id) => !done.has(id)).length,
      twice: lines.length - done.size,
      ledgerUsd,
      billedUsd,
      differencePercent: billedUsd === 0 ? 0 : Math.round((Math.abs(ledgerUsd - billedUsd) / billedUsd) * 10_000) / 100,
      furthest: furthestApart(billing.pods, await this.#settled()),
    }
  }

  /** What the journals of all replicas say last of each pod. */
  async #settled(): Promise<ReadonlyMap<string, Settled>> {
    const journals = this.#replicas.map((_, index) => createMoneyJournal(join(this.#sink, '..', `data-${index}`)))
    const lines = (await Promise.all(journals.map((journal) => journal.readAll()))).flat()
    return new Map(lines.flatMap((line) => (line.kind === 'settle' ? [[line.podName as string, line] as const] : [])))
  }

  #onMessage(message: FromWorker): void {
    if (message.kind === 'accepted') this.#accepted.add(message.id)
    if (message.kind === 'report') this.#report = message
  }

  /** Jobs come in at random, and are handed in again until one of the replicas has acknowledged them. */
  async #feed(endsAt: number): Promise<void> {
    while (Date.now() < endsAt) {
      if (this.#submitted.size - this.#accepted.size < 5) this.#submitted.add(this.#random.ulid(Date.now()))
      this.#handIn()
      await sleep(300 + this.#random.fraction() * (this.#random.fraction() < 0.2 ? 8_000 : 1_500))
    }
  }

  #handIn(): void {
    const up = this.#replicas.filter((replica) => replica.isUp)
    for (const id of this.#submitted) {
      if (!this.#accepted.has(id)) up[Math.floor(this.#random.fraction() * up.length)]?.send({ kind: 'submit', id })
    }
  }

  async #strike(endsAt: number): Promise<void> {
    // One process on its own needs a while to open its database again.
    const [least, spread] = this.#order.store === 'postgres' ? [1_000, 2_000] : [4_000, 5_000]
    while (Date.now() < endsAt) {
      await sleep(least + this.#random.fraction() * spread)
      const replica = this.#replicas[Math.floor(this.#random.fraction() * this.#replicas.length)]
      if (replica === undefined) continue
      if (this.#random.fraction() < 0.5) {
        replica.kill()
      } else {
        this.#stops += 1
        void replica.stopFor(4_000)
      }
    }
    await sleep(4_000)
  }

  async #watch(): Promise<void> {
    let seenAt = Date.now()
    while (!this.#isOver) {
      await sleep(250)
      const live = (await this.#live()).length
      const now = Date.now()
      const isNeeded = (await this.#doneOf()).size < this.#submitted.size
      if (!isNeeded) this.#unneededMs += live * (now - seenAt)
      seenAt = now
      this.#maxLive = Math.max(this.#maxLive, live)
      if (!this.#isStriking) this.#handIn()
      for (const replica of this.#replicas) replica.send({ kind: 'report' })
    }
  }

  async #doneOf(): Promise<ReadonlySet<string>> {
    const text = await readFile(this.#sink, 'utf8')
    return new Set(text.split('\n').filter((line) => line !== ''))
  }

  #live(): Promise<readonly unknown[]> {
    return this.#ask<{ status: string }[]>('/sandbox/pods').then((pods) =>
      pods.filter((pod) => pod.status !== 'TERMINATED'),
    )
  }

  async #ask<T>(path: string): Promise<T> {
    const reply = await fetch(this.#address.url.replace(/\/v2$/, path))
    return reply.json() as Promise<T>
  }

  async #until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
    const until = Date.now() + withinMs
    while (!(await condition()) && Date.now() < until) await sleep(250)
  }
}
