import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { fullName } from '../sandbox/github/state/repository.ts'
import { type Shop, startShop } from '../sandbox/github/__support__/start-shop.ts'
import { pullRequestEvent } from './__support__/events.ts'
import { Step, type StepWish } from './__support__/run-action.ts'

const PLAN = 'DEV_MAN/active/plan_v0.1.md'
const plan = (one: string, two: string) => `# Plan v0.1

## Phase 1: Foundations ⏳

- [${one}] T-101 Say things louder {paths: src/**}
  - Down to the last row
  - And up
- [${two}] T-102 Say them again {paths: lib/**}

## Phase 2: Walls ⬜

- [ ] T-201 Build {paths: walls/**}
`
const POLICY = `governance:
  branches: {main: main, staging: null, feature: 'phase-{phase}/{slug}'}
  reviews: {approvals: 0}
`
/** What a run of a fork's `pull_request` gets, whatever the workflow asks for. */
const READ_ONLY = { contents: 'read', pull_requests: 'read', statuses: 'read', checks: 'read' } as const

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  const files = { '.github/devloop.yml': POLICY, [PLAN]: plan(' ', ' ') }
  await shop.alice.push('main', files, 'A policy and a plan')
})
afterAll(() => shop.stop())

const steps: Step[] = []
afterEach(() => {
  for (const step of steps.splice(0)) step.remove()
})
function check(token: string | null, more: Partial<StepWish>): Step {
  const step = new Step({
    inputs: { command: 'check', ...(token === null ? {} : { 'github-token': token }) },
    env: { GITHUB_API_URL: shop.github.url },
    ...more,
  })
  steps.push(step)
  return step
}
const repository = () => shop.github.repository('acme/shop')
const checkRuns = (sha: string) => [...repository().runs.values()].filter(({ headSha }) => headSha === sha)

const opened = async (slug: string, files: Record<string, string>, body: string) => {
  const headSha = await shop.bob.push(`phase-1/${slug}`, files, 'Work', { from: 'main' })
  const { number } = await shop.bob.openPullRequest({ title: slug, body, head: `phase-1/${slug}`, base: 'main' })
  return { headSha, number }
}
const groupEvent = (event: { headSha: string; headRef: string; baseSha: string; baseRef: string }) => ({
  action: 'checks_requested',
  merge_group: {
    head_sha: event.headSha,
    head_ref: event.headRef,
    base_sha: event.baseSha,
    base_ref: `refs/heads/${event.baseRef}`,
  },
})

it('judges a merge group on its own tree: two changes that are green alone close the phase together', async () => {
  shop.github.addBranchRule('acme/shop', { pattern: 'main', mergeQueue: true, requiredChecks: ['devloop/governance'] })
  const one = await opened('one', { 'src/a.ts': 'ONE\n', [PLAN]: plan('x', ' ') }, 'Plan: T-101')
  const other = await opened('two', { 'lib/x.ts': 'x\n', [PLAN]: plan(' ', 'x') }, 'Plan: T-102')
  for (const { number } of [one, other]) await shop.alice.enqueue(number)
  const groups = repository().queue.map((group) => ({ ...group }))
  expect(groups).toHaveLength(2)
  const token = shop.github.createInstallationToken(shop.installation)
  const ends = []
  for (const group of groups)
    ends.push(await check(token, { eventName: 'merge_group', event: groupEvent(group) }).main())

  const [first, both] = ends
  expect(first?.annotations.filter((line) => line.startsWith('error'))).toEqual([])
  expect(first).toMatchObject({ exitCode: 0, outputs: { conclusion: 'success' } })
  expect(both).toMatchObject({ exitCode: 1, outputs: { conclusion: 'failure' } })
  expect(both?.annotations.join('\n')).toMatch(/error: .*Phase 1/i)
  expect(both?.summary).toContain('`plan/phase-bump`')
  expect(groups.map(({ headSha }) => checkRuns(headSha).map(({ name, conclusion }) => [name, conclusion]))).toEqual([
    [['devloop/governance', 'success']],
    [['devloop/governance', 'failure']],
  ])
})

it('hears of an approval', async () => {
  const { number, headSha } = await opened('three', { 'src/b.ts': 'B\n' }, 'Plan: T-101')
  const event = {
    ...pullRequestEvent({ number, headSha, baseSha: headSha, headRef: 'phase-1/three' }),
    action: 'submitted',
  }
  const end = await check(shop.github.createInstallationToken(shop.installation), {
    eventName: 'pull_request_review',
    event,
  }).main()
  expect(end).toMatchObject({ exitCode: 0, outputs: { conclusion: 'success' } })
})

it('cannot judge a merge group without a token, and says so', async () => {
  const sha = 'a'.repeat(40)
  const event = groupEvent({
    headSha: sha,
    headRef: 'refs/heads/gh-readonly-queue/main/x',
    baseSha: sha,
    baseRef: 'main',
  })
  const end = await check(null, { eventName: 'merge_group', event }).main()
  expect(end.annotations).toEqual([expect.stringContaining('error: A merge group can only be judged with a token')])
  expect(end.exitCode).toBe(2)
})

it.each([
  ['green', 'phase-1/loud', 0, 'success'],
  ['red', 'loud', 1, 'failure'],
] as const)(
  'tells the %s verdict on a fork in the job itself, where the token may only read',
  async (_, branch, exitCode, conclusion) => {
    shop.github.createUser(`fork-${conclusion}`)
    const fork = await shop.github.fork('acme/shop', `fork-${conclusion}`)
    const mallory = shop.github.as(`fork-${conclusion}`, fullName(fork))
    const headSha = await mallory.push(branch, { 'src/a.ts': 'LOUD\n' }, 'Shout', { from: 'main' })
    const { number } = await shop.github
      .as(`fork-${conclusion}`, 'acme/shop')
      .openPullRequest({ title: 'Shout', body: 'Plan: T-101', head: `fork-${conclusion}:${branch}`, base: 'main' })
    const before = shop.github.calls.length
    const event = pullRequestEvent({ number, headSha, baseSha: headSha, headRef: branch, fork: true })
    const end = await check(shop.github.createInstallationToken(shop.installation, READ_ONLY), { event }).main()

    expect(end.exitCode).toBe(exitCode)
    expect(end.outputs).toMatchObject({ conclusion })
    expect(end.summary).toContain('| `branch/name` |')
    expect(end.annotations.filter((line) => line.includes('not written'))).toEqual([
      "notice: The check run devloop/governance was not written, since GitHub lets the token of a fork's run only read: the verdict is this job's own status.",
    ])
    expect(checkRuns(headSha)).toEqual([])
    const writes = shop.github.calls.slice(before).filter(({ method, path }) => method !== 'GET' && path !== '/graphql')
    expect(writes.map(({ status }) => status)).toEqual([403])
  },
)
