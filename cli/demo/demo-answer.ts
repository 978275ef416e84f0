import { usdFromMicroUsd } from '../../ports/money.ts'
import type { JobRow } from '../../ports/store.ts'
import type { DemoWorld } from './demo-world.ts'
import type { Timeline, TimelineEntry } from './timeline.ts'

/** `demo --once --json`: a public promise. */
export interface DemoAnswer {
  readonly outcome: string
  readonly pullRequestUrl: string
  readonly reviewUrl: string | null
  readonly findings: number
  readonly checks: { readonly governance: string; readonly review: string }
  readonly pods: { readonly rented: number; readonly running: number }
  readonly timeline: readonly TimelineEntry[]
  readonly cost: { readonly usd: number }
}

export interface DemoEnd {
  readonly job: JobRow
  readonly answered: boolean
}

/** Read from the emulated GitHub and RunPod, not from what the product says of itself. */
export function demoAnswer({ job }: DemoEnd, { github, runpod, change }: DemoWorld, timeline: Timeline): DemoAnswer {
  const repository = github.repository(change.repository)
  const pullRequestUrl = `${github.webUrl}/${change.repository}/pull/${change.number}`
  const reviews = [...repository.reviews.values()].filter((review) => review.pullRequestNumber === change.number)
  const review = reviews.at(-1)
  const conclusionOf = (name: string) =>
    [...repository.runs.values()].findLast((run) => run.name === name)?.conclusion ?? 'missing'
  return {
    outcome: job.outcome ?? job.state,
    pullRequestUrl,
    reviewUrl: review === undefined ? null : `${pullRequestUrl}#pullrequestreview-${review.id}`,
    findings: [...repository.reviewComments.values()].length,
    checks: { governance: conclusionOf('devloop/governance'), review: conclusionOf('devloop/review') },
    pods: { rented: runpod.pods().length, running: runpod.livePods().length },
    timeline: timeline.entries,
    cost: { usd: usdFromMicroUsd(job.costMicroUsd) },
  }
}
