import type { RunningServer } from '../../app/main.ts'
import type { JobRow } from '../../ports/store.ts'
import { CliError } from '../error.ts'
import type { DemoEnd } from './demo-answer.ts'
import type { DemoWorld } from './demo-world.ts'
import type { Timeline } from './timeline.ts'

const LIMIT_MS = 120_000
const POLL_MS = 100

/** Asks for a review and an answer as a person would, and tells what happens until both are there and the GPU is gone. */
export async function watchDemo(
  sandbox: DemoWorld,
  server: RunningServer,
  timeline: Timeline,
  signal: AbortSignal,
): Promise<DemoEnd> {
  const { github, runpod, change } = sandbox
  const person = github.as(change.asker, change.repository)
  person.comment(change.number, '/devloop review')
  timeline.say('comment', `${change.asker} writes "/devloop review" on ${change.repository}#${change.number}`)
  const until = Date.now() + LIMIT_MS
  const seen = new Set<string>()
  let asked = false
  for (;;) {
    if (signal.aborted) throw signal.reason
    const review = await newest('review')
    if (review) await tell(review)
    tellPods()
    if (review && review.endedAt !== null && !asked) {
      asked = true
      timeline.say('post', `the review is on the pull request: ${review.outcome ?? review.state}`)
      person.comment(change.number, '/infer Say in one sentence what a GPU is.')
      timeline.say('comment', `${change.asker} writes "/infer …"`)
    }
    const infer = asked ? await newest('infer') : undefined
    if (infer) await tell(infer)
    const checks = [...github.repository(change.repository).runs.values()]
    const concluded = ['devloop/governance', 'devloop/review'].every((name) =>
      checks.some((run) => run.name === name && run.status === 'completed'),
    )
    if (review && infer && infer.endedAt !== null && concluded && runpod.livePods().length === 0) {
      await github.webhooksSettled()
      timeline.say('give back', `no pod is running; ${runpod.pods().length} rented in all`)
      return { job: review, answered: infer.outcome === 'answered' }
    }
    if (Date.now() > until) throw tooLong(review, infer, concluded)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }

  async function newest(kind: 'review' | 'infer'): Promise<JobRow | undefined> {
    return (await server.parts.store.jobs.list({ kind }, 1))[0]
  }

  async function tell(job: JobRow): Promise<void> {
    const events = await server.parts.store.jobs.listEvents(job.id)
    for (const [index, event] of events.entries()) {
      const key = `${job.id}/${index}`
      if (seen.has(key)) continue
      seen.add(key)
      timeline.say(stageOf(event.kind), event.text)
    }
  }

  function tellPods(): void {
    for (const pod of runpod.pods()) {
      const key = `${pod.id}/${pod.status}`
      if (seen.has(key)) continue
      seen.add(key)
      timeline.say('rent', `RunPod shows ${pod.id} ${pod.status}`)
    }
  }
}

function stageOf(kind: string): string {
  return kind.length <= 10 ? kind : kind.slice(0, 10)
}

function tooLong(review: JobRow | undefined, infer: JobRow | undefined, concluded: boolean): CliError {
  const states = [
    `review ${review?.state ?? 'not begun'}`,
    `infer ${infer?.state ?? 'not begun'}`,
    `checks ${concluded ? 'concluded' : 'open'}`,
  ]
  return new CliError({
    code: 'not-found',
    owner: 'operator',
    message: `The demo did not end within ${LIMIT_MS / 1000} s (${states.join(', ')}).`,
    remedy: 'Run it again with LOG_LEVEL=debug and report what it prints.',
  })
}
