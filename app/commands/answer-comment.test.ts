import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryQueue } from '../../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { factKeys } from '../../jobs/snapshot/fact-keys.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createFakeGithub, type FakeGithub, fakePullRequest, sha } from '../../ports/fakes/fake-github.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import { GithubError } from '../../ports/errors.ts'
import { jobId, repositoryName } from '../../ports/ids.ts'
import { silentLog } from '../../ports/log.ts'
import type { Store } from '../../ports/store.ts'
import { answerComment } from './answer-comment.ts'
import type { Heard } from './heard.ts'
import type { CommandParts } from './parts.ts'

const name = repositoryName.parse('acme/shop')
let github: FakeGithub
let store: Store
let parts: CommandParts
const clock = createFakeClock()

beforeEach(() => {
  github = createFakeGithub([
    fakePullRequest(),
    fakePullRequest({ number: 2, headSha: sha('c'), headRepository: 'mallory/shop' }),
    fakePullRequest({ number: 3, state: 'closed', merged: true }),
  ])
  github.permissions.set('root', 'admin').set('bob', 'write').set('reader', 'read')
  store = createMemoryStore({ clock })
  const queue = createMemoryQueue({ clock })
  parts = {
    github,
    store,
    queue,
    clock,
    random: createSeededRandom(1),
    log: silentLog,
    createJob: (job, limits) => store.jobs.create(job, undefined, limits),
    releaseIdlePods: async () => 'Idle GPUs are given back.',
    jobUrl: (id) => `https://devloop.test/jobs/${id}`,
  }
})

function heard(
  body: string,
  over: { login?: string; type?: 'User' | 'Bot'; number?: number; id?: number } = {},
): Heard {
  const { login = 'bob', type = 'User', number = 1, id = 50 } = over
  return {
    repository: { installationId: github.repositoryPort.ref.installationId, name },
    number,
    comment: {
      kind: 'issue',
      id,
      author: { login, type },
      body,
      createdAt: '2026-11-21T12:00:00Z',
      htmlUrl: 'https://github.test/comment/50',
      place: null,
    },
  }
}
const lost = { message: 'The reply was lost.', remedy: 'Look first.', owner: 'retry', facts: {} } as const

/** Without the line that names the comment which is answered. */
const replies = (number = 1) =>
  github.pullRequests.get(number)?.comments.map(({ body }) => body.replace(/^<!-- devloop:reply:[^>]+ -->\n/u, ''))
const reactions = () => github.reactions.map(({ content }) => content)
const jobs = () => store.jobs.list({}, 10)

describe('answering a comment', () => {
  it('makes a job for who may spend; the rocket waits for its end', async () => {
    await answerComment(parts, heard('/devloop review the locks --max-cost 0.5'))
    const [job, ...more] = await jobs()
    expect(more).toEqual([])
    expect(job).toMatchObject({ kind: 'review', pullRequest: 1, headSha: sha('a'), requestedBy: 'bob' })
    expect(job?.request).toEqual({
      trigger: 'command',
      focus: 'the locks',
      model: null,
      full: false,
      estimate: false,
      maxCostMicroUsd: 500_000,
      comment: { kind: 'issue', id: 50 },
      boundTo: null,
    })
    expect([reactions(), replies()]).toEqual([['eyes'], []])
  })

  it('makes one job of one comment however often it is delivered', async () => {
    for (let time = 0; time < 3; time++) await answerComment(parts, heard('/devloop review\n/infer hi'))
    expect((await jobs()).map(({ kind }) => kind).sort()).toEqual(['infer', 'review'])
  })

  it.each([
    [
      'reader',
      '/devloop review',
      '`review` needs `write` permission on this repository (`access.trigger`); you have `read`.',
    ],
    [
      'stranger',
      '/infer hi',
      '`infer` needs `write` permission on this repository (`access.trigger`); you have no permission here.',
    ],
    [
      'bob',
      '/devloop override plan/scope because',
      '`override` needs `admin` permission on this repository (`access.overrides`); you have `write`.',
    ],
  ])('refuses %s: %s', async (login, body, sentence) => {
    await answerComment(parts, heard(body, { login }))
    expect(replies()).toEqual([`@${login} ${sentence}`])
    expect(reactions()).toEqual(['eyes', 'confused'])
    expect(await jobs()).toEqual([])
  })

  it('refuses everybody while permission cannot be told', async () => {
    github.permissions.clear()
    await answerComment(parts, heard('/devloop review', { login: 'root' }))
    expect(await jobs()).toEqual([])
  })

  it('lets anybody ask for help, status and a check', async () => {
    await answerComment(parts, heard('/devloop status\n/devloop check', { login: 'stranger' }))
    expect(replies()).toEqual(['@stranger DevLoop has done nothing on this pull request yet.'])
    expect(reactions()).toEqual(['eyes', 'rocket'])
    expect((await parts.queue.depth()).governance).toMatchObject({ waiting: 1 })
  })

  it('says the nearest command to an unknown one, without eyes', async () => {
    await answerComment(parts, heard('/devloop reveiw'))
    expect(replies()).toEqual(['@bob `reveiw` is no command; did you mean `/devloop review`?'])
    expect(reactions()).toEqual(['confused'])
  })

  it.each([
    ['before its first reaction', []],
    ['after its first reaction', ['eyes']],
    ['between doubt and reply', ['eyes', 'confused']],
  ] as const)('answers once where another replica died %s', async (_when, reached) => {
    const asked = heard('/devloop review', { login: 'reader' })
    for (const reaction of reached) await github.repositoryPort.comments.react('issue', 50, reaction)
    for (let time = 0; time < 3; time++) await answerComment(parts, asked)
    expect(replies()).toHaveLength(1)
  })

  it('answers once where another replica died between reply and rocket, and where two ask the same', async () => {
    await answerComment(parts, heard('/devloop help'))
    github.reactions.pop()
    await answerComment(parts, heard('/devloop help'))
    expect(replies()).toHaveLength(1)
    await answerComment(parts, heard('/devloop help', { id: 51 }))
    expect(replies()).toHaveLength(2)
  })

  it('answers once where the eyes could not be set and GitHub took the reply without telling us', async () => {
    const { comments } = github.repositoryPort
    const { create, react } = comments
    comments.react = () => Promise.reject(new GithubError({ ...lost, code: 'unavailable' }))
    comments.create = async (number, body) => {
      await create(number, body)
      throw new GithubError({ ...lost, code: 'unknown-outcome' })
    }
    await expect(answerComment(parts, heard('/devloop help'))).rejects.toThrow('lost')
    Object.assign(comments, { create, react })
    await answerComment(parts, heard('/devloop help'))
    expect(replies()).toHaveLength(1)
  })

  it('answers once where the redelivery and the upkeep bring the same comment at the same time', async () => {
    const both = [heard('/devloop help'), heard('/devloop help')].map((one) => answerComment(parts, one))
    const ends = await Promise.allSettled(both)
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'being-answered', owner: 'retry' },
    })
    expect(replies()).toHaveLength(1)
  })

  it('does not write what another has begun to answer meanwhile', async () => {
    const { comments } = github.repositoryPort
    const { react } = comments
    comments.react = async (...all) => {
      await clock.advance(60_000)
      await store.leases.acquire('answer:50', 'another', 30_000, clock.now())
      await react(...all)
    }
    await expect(answerComment(parts, heard('/devloop help'))).rejects.toMatchObject({ code: 'being-answered' })
    expect(replies()).toEqual([])
  })

  it('does not refuse again what it has accepted, for a limit that was reached since', async () => {
    await answerComment(parts, heard('/devloop review'))
    for (const id of [51, 52, 53]) await answerComment(parts, heard('/devloop ask why?', { id }))
    const before = replies()
    await answerComment(parts, heard('/devloop review'))
    expect(replies()).toEqual(before)
  })

  it('takes no command from a bot', async () => {
    await answerComment(parts, heard('/devloop review', { type: 'Bot', login: 'root' }))
    expect(await jobs()).toEqual([])
  })

  it('needs an open pull request for a review', async () => {
    await answerComment(parts, heard('/devloop review', { number: 3 }))
    expect(replies(3)).toEqual(['@bob `review` needs an open pull request; this one is merged.'])
  })

  describe('on a fork', () => {
    const headsOf = (...heads: [string, string][]) =>
      store.facts.set(factKeys.pushers(name, 2), {
        pushers: [],
        heads: heads.map(([digit, at]) => ({ sha: sha(digit), at: Date.parse(at) })),
      })

    it('binds the job to the head that was there when the maintainer spoke', async () => {
      await headsOf(['c', '2026-11-21T11:00:00Z'])
      await answerComment(parts, heard('/devloop review', { number: 2 }))
      expect((await jobs())[0]).toMatchObject({ headSha: sha('c'), request: { boundTo: sha('c') } })
    })

    it('does nothing when the author pushed after the command', async () => {
      await headsOf(['c', '2026-11-21T12:00:05Z'], ['d', '2026-11-21T11:00:00Z'])
      await answerComment(parts, heard('/devloop review', { number: 2 }))
      expect(await jobs()).toEqual([])
      expect(replies(2)?.[0]).toMatch(/^@bob This fork was pushed to \(now `ccccccc`\) after you wrote that/)
    })
  })

  it('pauses, shows that it is paused, and resumes', async () => {
    await answerComment(parts, heard('/devloop pause\n/devloop status'))
    expect(replies()?.[0]).toContain('Automatic reviews are paused')
    await answerComment(parts, heard('/devloop resume', { id: 51 }))
    expect(await store.facts.get(factKeys.paused(name, 1))).toBeUndefined()
  })

  it('cancels what runs, and gives idle GPUs back on stop', async () => {
    await answerComment(parts, heard('/devloop review'))
    await answerComment(parts, heard('/devloop stop', { id: 51 }))
    expect(replies()).toEqual(['@bob Cancelling 1 job. Idle GPUs are given back.'])
    expect((await jobs())[0]).toMatchObject({ cancelRequested: true })
  })

  it('waives a rule for this head, and knows which rules there are', async () => {
    await answerComment(parts, heard('/devloop override plan/scop x', { login: 'root' }))
    expect(replies()).toEqual(['@root `plan/scop` is no rule. Did you mean `plan/scope`?'])
    await answerComment(parts, heard('/devloop override plan/scope a tool did it', { login: 'root', id: 51 }))
    expect(await store.governance.listWaivers(name, 1, sha('a'))).toMatchObject([
      { rule: 'plan/scope', by: 'root', reason: 'a tool did it' },
    ])
  })

  it('dismisses a finding by its id, and names the known ones', async () => {
    const id = jobId.parse(`01JD${'0'.repeat(22)}`)
    await store.reviews.add({
      id,
      jobId: id,
      repository: name,
      pullRequest: 1,
      headSha: sha('a'),
      outcome: 'posted',
      inputHash: 'h',
      fullCoverage: true,
      body: { shown: [{ id: 'F-1', severity: 'high' }], fixed: [] },
      createdAt: 0,
    })
    await answerComment(parts, heard('/devloop dismiss F-2'))
    expect(replies()).toEqual(['@bob `F-2` is no finding of this pull request. Known are `F-1`.'])
    await answerComment(parts, heard('/devloop dismiss F-1 on purpose', { id: 51 }))
    expect(await store.reviews.listDismissals(name, 1)).toMatchObject([{ fingerprint: 'F-1', reason: 'on purpose' }])
  })

  it('says which limit is reached', async () => {
    for (const id of [1, 2, 3]) await answerComment(parts, heard('/devloop ask why?', { id }))
    expect(await jobs()).toHaveLength(2)
    expect(replies()?.[0]).toMatch(/^@bob Not started: /)
  })

  it('shows the help', async () => {
    await answerComment(parts, heard('/devloop'))
    await expect(replies()?.[0]).toMatchFileSnapshot('./__fixtures__/help.golden.md')
  })
})
