import type { FleetEngines } from '../../../fleet/engines.ts'
import type { Clock, Random } from '../../../ports/clock.ts'
import type { EngineLease } from '../../../ports/model.ts'
import { microUsdFromUsd } from '../../../ports/money.ts'
import type { Life } from './life.ts'

const SECOND = 1_000
const MINUTE = 60_000

interface Job {
  readonly id: string
  readonly workMs: number
  fence: number
  worker: { readonly life: Life } | null
  completions: number
}

/** A process as the jobs know it. */
interface JobWorker {
  readonly clock: Clock
  readonly life: Life
  readonly engines: FleetEngines
  readonly isServing: (url: string) => boolean
}

/** The queue of a virtual run: jobs that come at random, are worked on by whatever process lives, and are delivered again when it dies. */
export class VirtualJobs {
  readonly #jobs = new Map<string, Job>()
  readonly #clock: Clock
  readonly #random: Random
  readonly #guarded: (work: Promise<unknown>) => Promise<void>

  constructor(clock: Clock, random: Random, guarded: (work: Promise<unknown>) => Promise<void>) {
    this.#clock = clock
    this.#random = random
    this.#guarded = guarded
  }

  get count(): number {
    return this.#jobs.size
  }

  get isAnyOpen(): boolean {
    return [...this.#jobs.values()].some((job) => job.completions === 0)
  }

  countOf(isMeant: (completions: number) => boolean): number {
    return [...this.#jobs.values()].filter((job) => isMeant(job.completions)).length
  }

  /** Ends all that are open: the naive variant is judged by its pods alone. */
  completeAll(): void {
    for (const job of this.#jobs.values()) job.completions = 1
  }

  /** A worker that misses its heartbeat loses its jobs to another, as with any queue. */
  takeFrom(life: Life): void {
    for (const job of this.#jobs.values()) if (job.worker?.life === life) job.worker = null
  }

  async arrive(endsAt: number): Promise<void> {
    while (this.#clock.now() < endsAt) {
      const id = `job-${this.#jobs.size + 1}`
      const workMs = (5 + this.#random.fraction() * 40) * SECOND
      this.#jobs.set(id, { id, workMs, fence: 0, worker: null, completions: 0 })
      await this.#clock.sleep(this.#random.fraction() < 0.5 ? 10 * SECOND : this.#random.fraction() * 4 * MINUTE)
    }
  }

  /** One job at a time, for as long as the process lives. */
  async work({ clock, life, engines, isServing }: JobWorker): Promise<void> {
    for (;;) {
      await clock.sleep(200)
      const job = [...this.#jobs.values()].find((other) => other.worker === null && other.completions === 0)
      const isBusy = [...this.#jobs.values()].some((other) => other.worker?.life === life)
      if (job === undefined || isBusy || life.isDead || life.isFrozen) continue
      job.fence += 1
      job.worker = { life }
      void this.#guarded(this.#attempt({ clock, life, engines, isServing }, job, job.fence, job.worker))
    }
  }

  async #attempt(own: JobWorker, job: Job, fence: number, worker: Job['worker']): Promise<void> {
    const { clock, engines } = own
    try {
      const lease = await engines.acquire(
        {
          jobId: job.id,
          repository: null,
          user: null,
          model: 'qwen3-coder:30b',
          load: { contextTokens: 16_384 },
          slotsWanted: 1,
          deadlineAt: clock.now() + 30 * MINUTE,
          maxCostMicroUsd: microUsdFromUsd(5),
        },
        new AbortController().signal,
      )
      try {
        await useLease(own, lease, job.workMs)
        // The fence is what a write to GitHub is checked against.
        if (job.fence === fence) job.completions += 1
      } finally {
        await lease.release()
      }
    } catch {
      await clock.sleep(SECOND)
    } finally {
      if (job.worker === worker) job.worker = null
    }
  }
}

async function useLease({ clock, isServing }: JobWorker, lease: EngineLease, workMs: number): Promise<void> {
  const until = clock.now() + workMs
  while (clock.now() < until) {
    if (lease.lost.aborted) throw lease.lost.reason
    if (!isServing(lease.address.url)) throw new Error('the connection broke')
    await clock.sleep(SECOND)
  }
}
