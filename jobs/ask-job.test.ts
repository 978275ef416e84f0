import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { defaultConfig } from '../config/resolved-config.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { createFakeEngine, fakeLease, type Reply } from '../ports/fakes/fake-engine.ts'
import { createFakeGithub, fakePullRequest } from '../ports/fakes/fake-github.ts'
import { createSeededRandom } from '../ports/fakes/seeded-random.ts'
import { jobId, repositoryName } from '../ports/ids.ts'
import { silentLog } from '../ports/log.ts'
import { microUsd } from '../ports/money.ts'
import type { Json } from '../ports/store.ts'
import { askJob } from './ask-job.ts'
import { askJobRequest } from './review-job-request.ts'

const patch = '@@ -0,0 +1,2 @@\n+export const limit = 10\n+export const retries = 3'

async function ask(replies: readonly Reply[], engines = true) {
  const clock = createFakeClock()
  const github = createFakeGithub([
    fakePullRequest({}, [{ path: 'src/a.ts', status: 'added', additions: 2, deletions: 0, patch }]),
  ])
  const engine = createFakeEngine(replies)
  const store = createMemoryStore({ clock })
  const steps = new Map<string, Json>()
  const end = await askJob({
    github,
    engines: engines ? { acquire: async () => fakeLease(engine) } : null,
    reviews: store.reviews,
    facts: store.facts,
    clock,
    random: createSeededRandom(1),
    log: silentLog,
    policyAt: async () => defaultConfig(),
    detailsUrl: () => null,
  }).run({
    job: {
      id: jobId.parse(`01J${'0'.repeat(23)}`),
      kind: 'ask',
      key: 'acme/shop#1',
      repository: repositoryName.parse('acme/shop'),
      installationId: 1,
      pullRequest: 1,
      headSha: null,
      requestedBy: 'ann',
      request: null,
      state: 'running',
      fence: 1,
      infrastructureRetries: 0,
      cancelRequested: false,
      createdAt: 0,
      startedAt: 0,
      endedAt: null,
      deadlineAt: Number.MAX_SAFE_INTEGER,
      outcome: null,
      error: null,
      result: null,
      costMicroUsd: microUsd(0),
    },
    request: askJobRequest.parse({ question: 'What is the limit? @everyone', comment: { kind: 'issue', id: 5 } }),
    signal: new AbortController().signal,
    async step<T extends Json>(name: string, body: () => Promise<T>): Promise<T> {
      if (!steps.has(name)) steps.set(name, await body())
      return steps.get(name) as T
    },
    isRecorded: (name) => steps.has(name),
    assertOwned: async () => {},
    event: async () => {},
    setState: async () => {},
  })
  return { end, engine, github, answer: github.pullRequests.get(1)?.comments.at(-1)?.body ?? '' }
}

const answered = JSON.stringify({
  bears: true,
  answer: 'The limit is **10**, see @ann.',
  evidence: [
    { file: 'src/a.ts', line: 9, quote: 'export const limit = 10' },
    { file: 'src/a.ts', line: 2, quote: 'export const invented = 1' },
  ],
})

describe('an ask job', () => {
  it('answers in a comment, with evidence that was looked up, and no mention', async () => {
    const { end, answer, github } = await ask([answered])
    expect(end.outcome).toBe('answered')
    expect(answer).toContain('The limit is **10**')
    expect(answer).toContain('- `src/a.ts:1` `export const limit = 10`')
    expect(answer).not.toContain('invented')
    expect(answer).not.toMatch(/(?<!`)@(?:ann|everyone)/)
    expect(github.reactions).toMatchObject([{ id: 5, content: 'rocket' }])
  })

  it('asks a second time when the answer is no answer', async () => {
    const { end, engine } = await ask(['no idea', answered])
    expect(engine.calls).toHaveLength(2)
    expect(end.outcome).toBe('answered')
  })

  it('says that there is no answer when the model has none', async () => {
    const { end, engine, answer } = await ask(['', '```json\n{}\n```'])
    expect(engine.calls).toHaveLength(2)
    expect(end.outcome).toBe('failed')
    expect(answer).toContain('**No answer:** it stands in a code fence')
  })

  it('says so when no engine is configured', async () => {
    expect((await ask([], false)).answer).toContain('No engine is configured.')
  })
})
