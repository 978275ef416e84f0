import { createMemoryQueue } from '../adapters/memory/memory-queue.ts'
import { reviewJob } from '../jobs/review-job.ts'
import type { ReviewJobRequest } from '../jobs/review-job-request.ts'
import { createJobRunner } from '../jobs/runner.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { GithubApp, GithubRepository } from '../ports/github.ts'
import { jobId } from '../ports/ids.ts'
import type { JobRow } from '../ports/store.ts'
import type { ReviewResult } from '../review/result.ts'
import { type EnginesRun, type EngineWish, withEngines } from './one-shot.ts'

export interface ReviewOrder {
  readonly github: GithubRepository
  /** Who writes: `github-actions[bot]`. */
  readonly identity: Awaited<ReturnType<GithubApp['identity']>>
  readonly number: number
  readonly config: ResolvedConfig
  readonly requestedBy: string | null
  readonly request: ReviewJobRequest
}

export interface ReviewEnd {
  readonly job: JobRow
  /** Null when the job ended before there was one. */
  readonly result: ReviewResult | null
}

const DEADLINE_MS = 3 * 3_600_000

/** The review job of the server, once, in this process. When the wish's signal aborts, the job is cancelled and says so on GitHub. */
export function reviewInProcess(wish: EngineWish, order: ReviewOrder) {
  return withEngines(wish, (run) => runJob(run, order, wish.signal))
}

async function runJob(run: EnginesRun, order: ReviewOrder, signal: AbortSignal): Promise<ReviewEnd> {
  const { store, clock, log, random, engines } = run
  const queue = createMemoryQueue({ clock })
  const runner = createJobRunner({ store, queue, clock, log })
  let result: ReviewResult | null = null
  runner.define(
    reviewJob({
      github: { repository: () => order.github, identity: async () => order.identity },
      engines,
      reviews: store.reviews,
      facts: store.facts,
      clock,
      random,
      log,
      policyAt: async () => order.config,
      detailsUrl: () => null,
      onResult(shown) {
        result = shown
      },
    }),
  )
  const id = jobId.parse(random.ulid(clock.now()))
  const cancel = () => void store.jobs.requestCancel(id).then(() => store.notify('jobs'))
  try {
    await runner.start()
    const { ref } = order.github
    await runner.createJob({
      id,
      kind: 'review',
      key: `${ref.name}#${order.number}`,
      repository: ref.name,
      installationId: ref.installationId,
      pullRequest: order.number,
      headSha: null,
      requestedBy: order.requestedBy,
      request: { ...order.request, comment: order.request.comment === null ? null : { ...order.request.comment } },
      createdAt: clock.now(),
      deadlineAt: clock.now() + DEADLINE_MS,
    })
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    return { job: await ended(run, id), result }
  } finally {
    signal.removeEventListener('abort', cancel)
    await queue.stop(0)
    runner.close()
  }
}

async function ended({ store, clock }: EnginesRun, id: JobRow['id']): Promise<JobRow> {
  for (;;) {
    const row = await store.jobs.find(id)
    if (row?.endedAt != null) return row
    await clock.sleep(50)
  }
}
