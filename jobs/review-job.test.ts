import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { defaultConfig } from '../config/resolved-config.ts'
import { CodedError, type GithubErrorCode, ModelError } from '../ports/errors.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { createFakeEngine, fakeLease } from '../ports/fakes/fake-engine.ts'
import { createFakeGithub, fakeBotLogin, fakePullRequest, sha } from '../ports/fakes/fake-github.ts'
import { createSeededRandom } from '../ports/fakes/seeded-random.ts'
import type { PullRequestFile } from '../ports/github.ts'
import { jobId, repositoryName } from '../ports/ids.ts'
import { silentLog } from '../ports/log.ts'
import type { ChatRequest } from '../ports/model.ts'
import { microUsd } from '../ports/money.ts'
import type { Json, JobRow } from '../ports/store.ts'
import type { JobContext, JobEnd } from './definition.ts'
import { JobsError } from './error.ts'
import { reviewJob } from './review-job.ts'
import { type ReviewJobRequest, reviewJobRequest } from './review-job-request.ts'

const patch = `@@ -1,4 +1,7 @@
 export function total(prices: number[]) {
   let sum = 0
+  for (let i = 0; i <= prices.length; i++) {
+    sum += prices[i]
+  }
   return sum
 }`
const file: PullRequestFile = { path: 'src/total.ts', status: 'modified', additions: 3, deletions: 0, patch }

/** A model that finds the loop wherever the code holds it, and stands by it. */
function answer({ messages }: ChatRequest): string {
  const text = messages.map(({ content }) => content).join('\n')
  if (text.includes('<<<CLAIM')) return JSON.stringify({ verdict: 'stands', quote: '', reason: 'It does.' })
  const quote = 'for (let i = 0; i <= prices.length; i++) {'
  const finding = {
    file: 'src/total.ts',
    line: 3,
    severity: 'high',
    category: 'correctness',
    title: 'The loop runs one past the end',
    body: 'The last turn adds undefined.',
    quote,
    confidence: 0.9,
  }
  return JSON.stringify({ findings: text.includes(quote) ? [finding] : [], checks: {} })
}

class Crash extends Error {}

function createWorld() {
  const clock = createFakeClock()
  const github = createFakeGithub([fakePullRequest({}, [file])])
  const life = { die: () => false, deaths: 0 }
  const engine = createFakeEngine([], (request) => {
    if (!life.die()) return answer(request)
    life.deaths += 1
    return new ModelError({ code: 'crashed', message: 'It died.', remedy: 'Again.', owner: 'retry' })
  })
  const store = createMemoryStore({ clock })
  const held: string[] = []
  const taken: string[] = []
  const parts = {
    github,
    engines: {
      acquire: async () => {
        const lease = String(taken.length)
        taken.push(lease)
        held.push(lease)
        return fakeLease(engine, {
          podName: 'pod',
          onRelease: () => void held.splice(0, held.length, ...held.filter((each) => each !== lease)),
        })
      },
    },
    reviews: store.reviews,
    facts: store.facts,
    clock,
    random: createSeededRandom(1),
    log: silentLog,
    policyAt: async () => defaultConfig(),
    detailsUrl: () => 'https://devloop.test/jobs/1',
  }
  return Object.assign(life, { github, engine, parts, held, taken, store, steps: new Map<string, Map<string, Json>>() })
}
type World = ReturnType<typeof createWorld>

const lastDigit = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

function contextOf(
  world: World,
  options: {
    readonly job?: number
    readonly fence?: number
    readonly request?: Partial<ReviewJobRequest>
    readonly at?: (point: string) => void
  } = {},
): JobContext<ReviewJobRequest> {
  const { job = 1, fence = 1, at = () => {} } = options
  const id = jobId.parse(`01J${'0'.repeat(22)}${lastDigit[job]}`)
  const steps = world.steps.get(id) ?? new Map<string, Json>()
  world.steps.set(id, steps)
  const row: JobRow = {
    id,
    kind: 'review',
    key: 'acme/shop#1',
    repository: repositoryName.parse('acme/shop'),
    installationId: 1,
    pullRequest: 1,
    headSha: null,
    requestedBy: 'ann',
    request: null,
    state: 'running',
    fence,
    infrastructureRetries: 0,
    cancelRequested: false,
    createdAt: 0,
    startedAt: 0,
    endedAt: null,
    deadlineAt: 10_000_000_000_000,
    outcome: null,
    error: null,
    result: null,
    costMicroUsd: microUsd(0),
  }
  return {
    job: row,
    request: reviewJobRequest.parse({ trigger: 'command', ...options.request }),
    signal: new AbortController().signal,
    async step<T extends Json>(name: string, body: () => Promise<T>): Promise<T> {
      if (steps.has(name)) return steps.get(name) as T
      at(`before ${name}`)
      const value: T = JSON.parse(JSON.stringify(await body()))
      steps.set(name, value)
      at(`after ${name}`)
      return value
    },
    isRecorded: (name) => steps.has(name),
    assertOwned: async () => at('owned'),
    event: async () => {},
    setState: async (state) => at(`state ${state}`),
  }
}

function run(world: World, options: Parameters<typeof contextOf>[1] = {}): Promise<JobEnd> {
  return reviewJob(world.parts).run(contextOf(world, options))
}

const summaries = ({ github }: World) =>
  (github.pullRequests.get(1)?.comments ?? []).filter(({ body }) => body.includes('devloop:review-summary'))

describe('a review job', () => {
  it('posts one review, one summary and one check run, and gives the engine back', async () => {
    const world = createWorld()
    const end = await run(world)
    const pullRequest = world.github.pullRequests.get(1)
    expect(end.outcome).toBe('posted')
    expect(pullRequest?.reviews).toHaveLength(1)
    expect(pullRequest?.threads[0]?.comments[0]?.body).toContain('The loop runs one past the end')
    expect(summaries(world)).toHaveLength(1)
    expect(summaries(world)[0]?.body).toContain('Outcome **posted**')
    expect(world.github.checks.get(sha('a'))).toMatchObject([{ name: 'devloop/review', conclusion: 'neutral' }])
    expect(world.held).toEqual([])
  })

  it('resumes after a crash at any point without paying or posting twice', async () => {
    const points: string[] = []
    const calm = createWorld()
    calm.github.onCall = (call) => points.push(`call ${call.method}`)
    await run(calm, { at: (point) => points.push(point) })
    const paid = calm.engine.calls.length
    expect(points.length).toBeGreaterThan(30)
    for (const [index, point] of points.entries()) {
      const world = createWorld()
      let seen = 0
      const crashAt = () => {
        if (seen++ === index) throw new Crash(`crash at ${point}`)
      }
      world.github.onCall = crashAt
      await run(world, { at: crashAt }).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error
      })
      world.github.onCall = null
      const end = await run(world, { fence: 2 })
      expect([point, end.outcome]).toEqual([point, 'posted'])
      expect([point, world.github.pullRequests.get(1)?.reviews.length]).toEqual([point, 1])
      expect([point, summaries(world).length]).toEqual([point, 1])
      expect([point, summaries(world)[0]?.body]).toEqual([point, expect.stringContaining('Outcome **posted**')])
      const mayTakeAgain = index <= points.indexOf('after result') && index > points.indexOf('before result')
      expect([point, world.taken.length]).toEqual([point, mayTakeAgain ? expect.any(Number) : 1])
      expect([point, world.engine.calls.length]).toEqual([point, paid])
      expect([point, world.held]).toEqual([point, []])
    }
  })

  it.each(['comments.create', 'reviews.create', 'checks.write', 'comments.update'])(
    'writes nothing twice when the reply to %s is lost',
    async (method) => {
      const world = createWorld()
      world.github.failNext(method, 'written-then-lost')
      let fence = 1
      let end: JobEnd | undefined
      while (end === undefined && fence < 4) {
        end = await run(world, { fence: fence++ }).catch((error: unknown) => {
          if (error instanceof CodedError && error.code === 'unknown-outcome') return undefined
          throw error
        })
      }
      expect(end?.outcome).toBe('posted')
      expect(world.github.pullRequests.get(1)?.reviews).toHaveLength(1)
      expect(summaries(world)).toHaveLength(1)
      expect(world.github.checks.get(sha('a'))).toHaveLength(1)
    },
  )

  it('finds nothing new in the same change and rents nothing', async () => {
    const world = createWorld()
    await run(world)
    const calls = world.engine.calls.length
    const end = await run(world, { job: 2 })
    expect(end.result).toMatchObject({ nothingNew: true })
    expect(world.engine.calls).toHaveLength(calls)
    expect(summaries(world)[0]?.body).toContain('Nothing new')
  })

  it('says nothing twice over a push, keeps a dismissal, resolves what was fixed', async () => {
    const world = createWorld()
    const pullRequest = world.github.pullRequests.get(1)
    if (pullRequest === undefined) throw new Error('no pull request')
    await run(world)
    pullRequest.view = { ...pullRequest.view, headSha: sha('c') }
    pullRequest.files = [
      file,
      { path: 'src/b.ts', status: 'added', additions: 1, deletions: 0, patch: '@@ -0,0 +1 @@\n+export const b = 1' },
    ]
    expect((await run(world, { job: 2 })).outcome).toBe('posted')
    expect(pullRequest.reviews).toHaveLength(1)
    expect(summaries(world)[0]?.body).toContain('Nothing new, 1 of earlier rounds still open')
    pullRequest.view = { ...pullRequest.view, headSha: sha('d') }
    pullRequest.files = [{ ...file, patch: patch.replace('<=', '<') }]
    await run(world, { job: 3 })
    expect(pullRequest.threads).toMatchObject([{ isResolved: true }])
    expect(summaries(world)).toHaveLength(1)
    expect(summaries(world)[0]?.body).toContain('1 earlier finding fixed')
  })

  it('never repeats what somebody gave a thumb down, and says that it still counts', async () => {
    const world = createWorld()
    const pullRequest = world.github.pullRequests.get(1)
    await run(world)
    const comment = pullRequest?.threads[0]?.comments[0]
    world.github.reactions.push({ kind: 'review', id: comment?.id ?? 0, content: '-1', login: 'ben' })
    const end = await run(world, { job: 2, request: { full: true } })
    expect(end.outcome).toBe('posted')
    expect(end.result).toMatchObject({ suppressed: [{ why: 'dismissed', because: '👎 from ben' }] })
    expect(pullRequest?.reviews).toHaveLength(1)
    expect(summaries(world)[0]?.body).toContain(
      '(👎 from ben: not said again, but it counts until it is fixed or dismissed)',
    )
  })

  it.each([
    ['before it was read', 'after check-begin', 'failed', 'The command was about commit'],
    ['when it was read', 'after result', 'posted', 'The head moved to'],
  ])('ends the check it began when a fork is pushed to between two attempts, %s', async (_, crashAt, outcome, text) => {
    const world = createWorld()
    const request = { boundTo: sha('a') }
    const at = (point: string) => {
      if (point === crashAt) throw new Crash(point)
    }
    await expect(run(world, { request, at })).rejects.toThrow(Crash)
    const pullRequest = world.github.pullRequests.get(1)
    if (pullRequest) pullRequest.view = { ...pullRequest.view, headSha: sha('b') }
    const end = await run(world, { request, fence: 2 })
    expect(end.outcome).toBe(outcome)
    expect(world.github.checks.get(sha('a'))).toMatchObject([{ name: 'devloop/review', status: 'completed' }])
    expect(world.github.checks.get(sha('b')) ?? []).toEqual([])
    expect(summaries(world)[0]?.body).toContain(text)
    expect(world.taken).toHaveLength(outcome === 'posted' ? 1 : 0)
  })

  it('binds the result to the commit it read when the head moves meanwhile', async () => {
    const world = createWorld()
    world.github.onCall = ({ method }) => {
      const pullRequest = world.github.pullRequests.get(1)
      if (method === 'comments.create' && pullRequest !== undefined)
        pullRequest.view = { ...pullRequest.view, headSha: sha('c') }
    }
    expect((await run(world)).outcome).toBe('posted')
    expect(summaries(world)[0]?.body).toContain(`The head moved to \`cccccccccc\` while \`aaaaaaaaaa\` was read`)
    expect(world.github.calls.find(({ method }) => method === 'reviews.create')?.parameters[1]).toMatchObject({
      commitSha: sha('a'),
    })
  })

  it('posts nothing at lines when the pull request is closed meanwhile, and says so', async () => {
    const world = createWorld()
    world.github.onCall = ({ method }) => {
      const pullRequest = world.github.pullRequests.get(1)
      if (method === 'comments.create' && pullRequest !== undefined)
        pullRequest.view = { ...pullRequest.view, state: 'closed' }
    }
    await run(world)
    expect(world.github.pullRequests.get(1)?.reviews).toHaveLength(0)
    expect(summaries(world)[0]?.body).toContain('was closed while it was read')
  })

  it('keeps the findings in the summary when GitHub refuses them at their lines', async () => {
    const world = createWorld()
    world.github.failAlways('reviews.create', 'invalid')
    expect((await run(world)).outcome).toBe('posted')
    expect(summaries(world)[0]?.body).toContain('GitHub refused comments at the lines')
    expect(summaries(world)[0]?.body).toContain('The last turn adds undefined.')
  })

  it('falls back to the check run where comments are forbidden', async () => {
    const world = createWorld()
    world.github.failAlways('comments.create', 'forbidden')
    expect((await run(world)).outcome).toBe('posted')
    expect(world.github.checks.get(sha('a'))).toMatchObject([{ status: 'completed' }])
  })

  it('rents nothing where nobody would see the review', async () => {
    const world = createWorld()
    for (const method of ['comments.create', 'checks.write']) world.github.failAlways(method, 'forbidden')
    expect((await run(world)).outcome).toBe('failed')
    expect(world.engine.calls).toHaveLength(0)
  })

  it.each<[GithubErrorCode | 'closed', string]>([
    ['not-found', 'does not exist any more'],
    ['closed', 'was closed meanwhile'],
  ])('ends when the pull request is %s', async (what, sentence) => {
    const world = createWorld()
    const pullRequest = world.github.pullRequests.get(1)
    if (what === 'closed' && pullRequest !== undefined) pullRequest.view = { ...pullRequest.view, state: 'closed' }
    if (what === 'not-found') world.github.failAlways('pullRequests.get', 'not-found')
    const end = await run(world)
    expect(end.outcome).toBe('failed')
    expect(JSON.stringify(end.result)).toContain(sentence)
  })

  it('refuses a head other than the one a command was bound to', async () => {
    const world = createWorld()
    const end = await run(world, { request: { boundTo: sha('e') } })
    expect(end.outcome).toBe('failed')
    expect(summaries(world)[0]?.body).toContain('repeat the command')
  })

  it('keeps what was read when the engine dies, and reads only the rest on the next one', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `+export const value${index} = compute(input, ${index})`)
    const large = (path: string): PullRequestFile => ({
      path,
      status: 'added',
      additions: 200,
      deletions: 0,
      patch: `@@ -0,0 +1,200 @@\n${lines.join('\n')}`,
    })
    const create = () => {
      const made = createWorld()
      const pullRequest = made.github.pullRequests.get(1)
      if (pullRequest !== undefined)
        pullRequest.files = Array.from({ length: 12 }, (_, index) => large(`src/part-${index}.ts`))
      return made
    }
    const calm = create()
    await run(calm)
    const paid = calm.engine.calls.length
    expect(paid).toBeGreaterThan(3)
    for (let alive = 1; alive < paid; alive++) {
      const world = create()
      let calls = 0
      world.die = () => ++calls > alive
      await expect(run(world)).rejects.toMatchObject({ code: 'crashed' })
      const answered = world.engine.calls.length - world.deaths
      world.die = () => false
      expect((await run(world, { fence: 2 })).outcome).toBe('clean')
      expect([alive, answered]).toEqual([alive, alive])
      expect([alive, world.engine.calls.length - world.deaths]).toEqual([alive, paid])
    }
  })

  it('estimates without renting', async () => {
    const world = createWorld()
    const end = await run(world, { request: { estimate: true } })
    expect(end.result).toMatchObject({ estimate: { prompts: 1 } })
    expect(world.engine.calls).toHaveLength(0)
    expect(world.github.pullRequests.get(1)?.comments[0]?.body).toContain('nothing was rented')
  })

  it('tells the person that it was cancelled', async () => {
    const world = createWorld()
    const error = new JobsError({
      code: 'cancelled',
      message: 'The job was cancelled.',
      remedy: 'Ask again.',
      owner: 'user',
    })
    await reviewJob(world.parts).onFailed(contextOf(world), error)
    expect(summaries(world)[0]?.body).toContain('### DevLoop review: cancelled')
    expect(world.github.checks.get(sha('a'))).toMatchObject([{ conclusion: 'cancelled' }])
  })

  it('tells the person when it fails for good', async () => {
    const world = createWorld()
    const error = new ModelError({
      code: 'model-missing',
      message: 'There is no model x.',
      remedy: 'Name another.',
      owner: 'user',
    })
    await reviewJob(world.parts).onFailed(contextOf(world, { request: { comment: { kind: 'issue', id: 5 } } }), error)
    expect(summaries(world)[0]?.body).toContain('There is no model x.')
    expect(world.github.checks.get(sha('a'))).toMatchObject([{ conclusion: 'failure' }])
    expect(world.github.reactions).toMatchObject([{ id: 5, content: 'confused', login: fakeBotLogin }])
  })
})
