import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMoneyJournal } from '../../../adapters/journal/money-journal.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import { startPostgres } from '../../postgres/start-postgres.ts'
import { CRASH_POINTS } from './crash-points.ts'
import { moneyResult } from './money-result.ts'
import type { ProcessOrder, ProcessResult } from './process-order.ts'
import { ProviderProcess } from './provider-process.ts'
import { Replica } from './replica.ts'
import { Strikes } from './strikes.ts'
import type { FromWorker } from './worker-order.ts'

/** Undefined when the machine has no PostgreSQL. */
export async function runProcesses(order: ProcessOrder): Promise<ProcessResult | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'devloop-chaos-'))
  const postgres = order.store === 'postgres' ? await startPostgres() : null
  if (order.store === 'postgres' && postgres === null) return undefined
  const runpod = await ProviderProcess.start(order.seed)
  const run = new ProcessRun(order, directory, runpod, postgres?.url())
  try {
    return await run.toEnd()
  } finally {
    await run.end()
    runpod.stop()
    await postgres?.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

class ProcessRun {
  readonly #order: ProcessOrder
  readonly #runpod: ProviderProcess
  readonly #random: ReturnType<typeof createSeededRandom>
  readonly #replicas: Replica[]
  readonly #submitted = new Set<string>()
  readonly #accepted = new Set<string>()
  readonly #sink: string
  readonly #failures: string
  #report: Extract<FromWorker, { kind: 'report' }> | undefined
  readonly #strikes: Strikes
  #maxLive = 0
  #unneededMs = 0
  #isStriking = true
  #isOver = false

  constructor(order: ProcessOrder, directory: string, runpod: ProviderProcess, databaseUrl: string | undefined) {
    this.#order = order
    this.#runpod = runpod
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
          runpod: runpod.address,
          ...(databaseUrl === undefined ? {} : { databaseUrl }),
          dataDir: join(directory, `data-${index}`),
          sink: this.#sink,
          failures: this.#failures,
          crashAt: this.#isStriking ? (crashAt ?? null) : null,
          loud: order.loud,
          break: order.break,
        }
      }
      return new Replica(orderOf, (message) => this.#onMessage(message))
    })
    this.#strikes = new Strikes(this.#replicas, this.#random, order)
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
    await Promise.all([this.#feed(endsAt), this.#strikes.run(endsAt).finally(() => (this.#isStriking = false))])
    await this.#until(
      async () => this.#accepted.size === this.#submitted.size && (await this.#doneOf()).size === this.#submitted.size,
      120_000,
    )
    const isEmpty = async () => (await this.#runpod.live()) === 0 && this.#report?.livePods === 0
    await this.#until(isEmpty, 90_000)
    await sleep(3_000)
    await this.#until(isEmpty, 30_000)
    // Bills come late.
    if (this.#order.break !== 'unread-bills') await this.#until(() => this.#report?.unbilled === 0, 30_000)
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
    const posts = await this.#runpod.creates()
    const { spentMicroUsd, pods } = await this.#runpod.bills()
    const ledger = this.#report ?? { ledgerMicroUsd: 0, clockMicroUsd: 0, unbilled: 0, byClock: {} }
    return {
      store: this.#order.store,
      processes: this.#replicas.length,
      seconds: this.#order.seconds,
      kills: this.#replicas.reduce((sum, replica) => sum + replica.deaths, 0),
      stops: this.#strikes.stops,
      clockJumps: this.#strikes.clockJumps,
      crashPointsTried: Math.min(
        CRASH_POINTS.length,
        this.#replicas.reduce((sum, replica) => sum + Math.floor(replica.starts / 2), 0),
      ),
      creates: posts.length,
      ambiguous: posts.filter((call) => /-but-created$/.test(call.fault ?? '')).length,
      liveAtEnd: await this.#runpod.live(),
      maxLive: this.#maxLive,
      unneededPodSeconds: Math.round(this.#unneededMs / 1_000),
      jobs: this.#submitted.size,
      done: done.size,
      lost: [...this.#submitted].filter((id) => !done.has(id)).length,
      twice: lines.length - done.size,
      ...moneyResult(spentMicroUsd, pods, ledger, await this.#journals()),
    }
  }

  async #journals() {
    const journals = this.#replicas.map((_, index) => createMoneyJournal(join(this.#sink, '..', `data-${index}`)))
    return (await Promise.all(journals.map((journal) => journal.readAll()))).flat().toSorted((a, b) => a.at - b.at)
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

  async #watch(): Promise<void> {
    let seenAt = Date.now()
    while (!this.#isOver) {
      await sleep(250)
      const live = await this.#runpod.live()
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

  async #until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
    const until = Date.now() + withinMs
    while (!(await condition()) && Date.now() < until) await sleep(250)
  }
}
