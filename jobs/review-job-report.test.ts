import { beforeEach, expect, it } from 'vitest'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { createFakeGithub, fakePullRequest, sha } from '../ports/fakes/fake-github.ts'
import { installationId, repositoryName } from '../ports/ids.ts'
import { silentLog } from '../ports/log.ts'
import { microUsd } from '../ports/money.ts'
import type { Json } from '../ports/store.ts'
import type { JobContext } from './definition.ts'
import { createReport, type Report } from './review-job-report.ts'

const steps = new Map<string, Json>()
const context = {
  signal: new AbortController().signal,
  async step<T extends Json>(name: string, body: () => Promise<T>): Promise<T> {
    if (!steps.has(name)) steps.set(name, await body())
    return steps.get(name) as T
  },
  assertOwned: async () => {},
} as unknown as JobContext<unknown>

let github: ReturnType<typeof createFakeGithub>
let clock: ReturnType<typeof createFakeClock>
let report: Report
const shown = () => github.pullRequests.get(1)?.comments.at(-1)?.body ?? ''
const edits = () => github.calls.filter(({ method }) => method === 'comments.update').length

beforeEach(async () => {
  steps.clear()
  clock = createFakeClock()
  github = createFakeGithub([fakePullRequest({})])
  const ref = { installationId: installationId.parse(1), name: repositoryName.parse('acme/shop') }
  const subject = { repository: github.repository(ref), number: 1 }
  report = createReport(context, subject, sha('a'), { github, clock, log: silentLog } as never)
  await report.begin(progress('begins'))
  await say('queued: waiting for a pod')
})

function progress(detail: string) {
  const counts = { filesDone: 0, filesAll: 1, promptsDone: 0, promptsAll: 1 }
  const rest = { spentMicroUsd: microUsd(0), elapsedMs: 0, detailsUrl: null }
  return { headSha: sha('a'), phase: 'waiting' as const, detail, ...counts, ...rest }
}

async function say(detail: string): Promise<void> {
  report.progress(progress(detail))
  await clock.advance(1)
}

it('what comes too soon after an edit is shown when its time has come, the newest of it, once', async () => {
  expect(shown()).toContain('waiting for a pod')
  await say('no-capacity: none now')
  await say('no-capacity: none within an hour')
  expect(shown()).toContain('waiting for a pod')
  await clock.advance(15_000)
  expect(shown()).toContain('none within an hour')
  await clock.advance(60_000)
  expect(edits()).toBe(2)
})

it.each(['stop', 'end'] as const)('nothing is shown any more after %s', async (how) => {
  await say('no-capacity: none now')
  if (how === 'stop') report.stop()
  else await report.end('the end', { name: 'devloop/review', headSha: sha('a'), status: 'completed' } as never)
  await clock.advance(60_000)
  expect(shown()).not.toContain('none now')
})
