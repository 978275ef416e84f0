import { expect, test } from 'vitest'
import { createMemoryQueue } from '../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { defaultConfig } from '../config/resolved-config.ts'
import { sampleJob, sampleJobId } from '../ports/contracts/samples.ts'
import { ModelError } from '../ports/errors.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { createFakeEngine, fakeLease, type Reply } from '../ports/fakes/fake-engine.ts'
import { createFakeGithub, type FakeGithub, fakePullRequest } from '../ports/fakes/fake-github.ts'
import { repositoryName } from '../ports/ids.ts'
import { silentLog } from '../ports/log.ts'
import type { Json, NewJob } from '../ports/store.ts'
import { createInferJob } from './infer-job.ts'
import { inferJobParts } from './infer-on-pull-request.ts'
import { createJobRunner } from './runner.ts'

const token = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`
const comment = { kind: 'issue', id: 50 }
const onPullRequest = { repository: repositoryName.parse('acme/shop'), installationId: 1, pullRequest: 1 }

async function infer(
  over: Partial<NewJob>,
  replies: readonly Reply[],
  withGithub = true,
  prepare: (github: FakeGithub) => void = () => {},
) {
  const clock = createFakeClock(Date.UTC(2026, 10, 21, 12, 0, 5))
  const store = createMemoryStore({ clock })
  const runner = createJobRunner({ store, queue: createMemoryQueue({ clock }), clock, log: silentLog })
  const engine = createFakeEngine(replies)
  const github = createFakeGithub([fakePullRequest()])
  prepare(github)
  runner.define(
    createInferJob(
      inferJobParts({
        github: withGithub ? github : null,
        engines: { acquire: async () => fakeLease(engine) },
        clock,
        log: silentLog,
        config: defaultConfig(),
        policyAt: async () => defaultConfig(),
      }),
    ),
  )
  await runner.start()
  await runner.createJob(sampleJob(1, { kind: 'infer', ...over }))
  await clock.advance(300_000)
  const row = await store.jobs.find(sampleJobId(1))
  const said = github.pullRequests.get(1)?.comments.map(({ body }) => body) ?? []
  return { row, engine, github, said, reactions: github.reactions.map(({ content }) => content) }
}

test('the answer stands once in the conversation, with what it cost, and the comment gets a rocket', async () => {
  const { row, said, reactions } = await infer({ ...onPullRequest, request: { prompt: 'why?', comment } }, ['because'])
  expect(row).toMatchObject({ state: 'done', outcome: 'answered' })
  expect(said).toEqual([
    `<!-- devloop:answer:${sampleJobId(1)} -->\n> why?\n\nbecause\n\n<sub>qwen3-coder:30b · 2 tokens in, 3 out · $0.0100</sub>`,
  ])
  expect(reactions).toEqual(['rocket'])
})

test('a question on a diff line takes the hunk along and is answered in its thread', async () => {
  const place = { path: 'src/a.ts', line: 7, hunk: `@@ -1 +1 @@\n+const key = '${token}'` }
  const request: Json = { prompt: `is ${token} safe?`, place, comment: { kind: 'review', id: 60 } }
  const { engine, github } = await infer({ ...onPullRequest, request }, [`no: ${token}`])
  const sent = engine.calls[0]?.messages.at(-1)?.content ?? ''
  expect(sent).toContain('src/a.ts, line 7')
  expect(sent).toContain('[secret: GitHub token]')
  const reply = github.calls.find(({ method }) => method === 'comments.reply')
  expect(reply?.parameters.slice(0, 2)).toEqual([1, 60])
  expect(`${sent}${String(reply?.parameters[2])}`).not.toContain(token)
})

test.each([
  ['comments.reply', 'comments.listOnLines', 'review'],
  ['comments.create', 'comments.list', 'issue'],
] as const)(
  'an answer stands once when the reply to %s is lost and nobody could look for it',
  async (write, look, kind) => {
    const request: Json = { prompt: 'why?', comment: { kind, id: 60 } }
    let looks = 0
    const { row, github, said } = await infer({ ...onPullRequest, request }, ['because', 'because'], true, (fake) => {
      fake.failNext(write, 'written-then-lost')
      fake.onCall = ({ method }) => {
        if (method === look && ++looks === 2) throw new Error('the process died here')
      }
    })
    expect(row).toMatchObject({ state: 'done', outcome: 'answered' })
    expect(looks).toBeGreaterThan(2)
    expect([...said, ...(github.lineComments.get(1) ?? [])]).toHaveLength(1)
  },
)

test('model text forges no marker, mention or command', async () => {
  const hostile = '<!-- devloop:summary -->\n/devloop stop\n@everyone fixes #1'
  const { said } = await infer({ ...onPullRequest, request: { prompt: '<b>x</b>', comment } }, [hostile])
  const [body = ''] = said
  expect(body.match(/<!--/g)).toHaveLength(1)
  expect(body).not.toMatch(/^\/devloop|(?<![`\w])@everyone|(?<!\\)<b>/m)
})

test('who asked is told that there is no answer, and what to do', async () => {
  const tooLong = new ModelError({ code: 'too-long', message: 'It is too long.', remedy: 'Cut it.', owner: 'user' })
  const { row, said, reactions } = await infer({ ...onPullRequest, request: { prompt: 'why?', comment } }, [tooLong])
  expect(row?.state).toBe('failed')
  expect(said).toEqual([expect.stringContaining('**No answer:** It is too long. Cut it.')])
  expect(reactions).toEqual(['confused'])
})

test.each([true, false])(
  'a job of the controller says nothing on GitHub and keeps its answer (App: %s)',
  async (app) => {
    const { row, said, github, engine } = await infer(
      { repository: null, installationId: null, pullRequest: null, request: { prompt: 'hi', format: 'json' } },
      ['{}'],
      app,
    )
    expect(row).toMatchObject({ state: 'done', result: { output: '{}' } })
    expect(engine.calls[0]?.schema).toEqual({ type: 'object' })
    expect([said, github.calls]).toEqual([[], []])
  },
)
