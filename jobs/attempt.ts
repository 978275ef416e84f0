import type { Clock } from '../ports/clock.ts'
import { StoreError } from '../ports/errors.ts'
import type { Log } from '../ports/log.ts'
import type { JobRow, Json, Store } from '../ports/store.ts'
import { fenceLost } from '../ports/store-errors.ts'
import type { JobContext } from './definition.ts'
import { patiently } from './patience.ts'

export interface AttemptParts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

export interface Attempt {
  contextFor<Request>(request: Request, signal: AbortSignal): JobContext<Request>
  /** What an attempt before recorded. */
  recorded(step: string): Json | undefined
  /** From then on this attempt can neither record nor claim to own the job: for a body that does not end when it is told to. */
  close(): void
}

/** One claim of a job: what it may record, and the proof that it still owns it. */
export async function beginAttempt(parts: AttemptParts, job: JobRow): Promise<Attempt> {
  const { store, clock, log } = parts
  // The first claim finds nothing recorded.
  const recorded = new Map(job.fence === 1 ? [] : await store.jobs.listSteps(job.id))
  const inFlight = new Map<string, Promise<Json>>()
  let closed = false
  const assertOpen = () => {
    if (closed) throw fenceLost(`Job ${job.id}`, job.fence)
  }

  async function runStep(name: string, body: () => Promise<Json>): Promise<Json> {
    const value = await body()
    assertOpen()
    const kept = await patiently(clock, () => store.jobs.recordStep(job.id, job.fence, name, value))
    recorded.set(name, kept)
    return kept
  }

  return {
    close() {
      closed = true
    },
    recorded: (step) => recorded.get(step),
    contextFor: (request, signal) => ({
      job,
      request,
      signal,
      async step<T extends Json>(name: string, body: () => Promise<T>): Promise<T> {
        assertOpen()
        // A recorded value was written by this same step, so it has its type.
        const known = recorded.get(name)
        if (known !== undefined) return known as T
        signal.throwIfAborted()
        const running = inFlight.get(name) ?? runStep(name, body).finally(() => inFlight.delete(name))
        inFlight.set(name, running)
        return (await running) as T
      },
      isRecorded: (name) => recorded.has(name),
      async assertOwned() {
        assertOpen()
        const row = await patiently(clock, () => store.jobs.find(job.id))
        if (row?.fence !== job.fence || row.endedAt !== null) throw fenceLost(`Job ${job.id}`, job.fence)
      },
      async event(kind, text, facts = null) {
        try {
          await store.jobs.addEvent(job.id, { at: clock.now(), kind, text, facts })
          await store.notify('events')
        } catch (error) {
          if (!(error instanceof StoreError)) throw error
          log.warn({ error, jobId: job.id, kind }, 'A line of the timeline was not kept.')
        }
      },
      async setState(state) {
        assertOpen()
        await patiently(clock, () => store.jobs.update(job.id, job.fence, { state }))
        await store.notify('jobs')
      },
    }),
  }
}
