import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { runUpkeep } from './upkeep.ts'
import { type RunningApp, startApp } from './fakes/start-app.ts'

const plan = (first = ' ', second = ' ') => `# Plan v0.1

## Phase 1: Foundations ⏳

- [${first}] T-101 Say things louder {paths: src/**}

  So that people at the back hear them.

- [${second}] T-102 Say them again {paths: lib/**}
`
const policy = `version: 1
governance:
  branches: {main: main, staging: null, feature: 'phase-{phase}/{slug}'}
`

describe('governance in the App', () => {
  let app: RunningApp
  let count = 0
  beforeAll(async () => {
    app = await startApp()
    app.shop.github.createUser('carol')
    app.shop.github.setCollaborator('acme/shop', 'carol', 'read')
    await app.shop.alice.push(
      'main',
      { '.github/devloop.yml': policy, 'DEV_MAN/active/plan_v0.1.md': plan() },
      'Begin a plan (T-101)',
    )
    await app.settled()
  })
  afterEach(() => {
    app.shop.github.assertClean()
    expect(app.problems.splice(0)).toEqual([])
  })
  afterAll(() => app.stop())

  async function open(files: Record<string, string> = {}, body = 'Plan: T-101') {
    count += 1
    const branch = `phase-1/change-${count}`
    const sha = await app.shop.bob.push(branch, { [`src/${count}.ts`]: 'LOUD\n', ...files }, 'Shout', { from: 'main' })
    const { number } = await app.shop.bob.openPullRequest({ title: 'Shout', body, head: branch, base: 'main' })
    await app.settled()
    return { sha, number, branch }
  }
  const title = async (sha: string) => (await app.check(sha))?.output.title
  const conclusion = async (sha: string) => (await app.check(sha))?.conclusion
  const writes = () => app.calls.filter(({ method }) => method !== 'GET')

  test('goes red for a missing approval, green when somebody else approves, red after the next push', async () => {
    const { sha, number, branch } = await open()
    expect(await conclusion(sha)).toBe('failure')
    expect(await title(sha)).toContain('review/approved')
    await app.shop.alice.approve(number)
    await app.settled()
    expect(await title(sha)).toMatch(/^Nothing holds this change/)
    const next = await app.shop.bob.push(branch, { 'src/a.ts': 'LOUDER\n' }, 'Shout more')
    await app.settled()
    expect(await conclusion(next)).toBe('failure')
    const stored = await app.store.governance.listVerdicts(undefined, 10)
    expect(stored.map((verdict) => verdict.conclusion)).toEqual(['failure', 'success', 'failure'])
  })

  test('asks at most 4 times and writes once for an opened pull request with 100 files', async () => {
    const files = Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`src/many/${index}.ts`, `${index}\n`]))
    await open()
    app.shop.github.resetCalls()
    const { sha } = await open(files)
    const calls = [...app.shop.github.calls]
    expect(await conclusion(sha)).toBe('failure')
    // What is answered with 304 costs nothing of the rate limit.
    const reads = calls.filter(({ method, status }) => method === 'GET' && status !== 304)
    expect(reads.map(({ operation }) => operation).sort()).toEqual([
      'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
      'GET /repos/{owner}/{repo}/compare/{basehead}',
      'GET /repos/{owner}/{repo}/pulls',
      'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    ])
    expect(calls.filter(({ method }) => method !== 'GET').map(({ operation }) => operation)).toEqual([
      'POST /repos/{owner}/{repo}/check-runs',
    ])
  })

  test('asks nothing for an event that no rule reads', async () => {
    const { number } = await open()
    app.shop.github.resetCalls()
    await app.shop.alice.label(number, 'nice')
    await app.shop.alice.update(number, { title: 'Another title' })
    await app.shop.alice.requestReview(number, 'bob').catch(() => {})
    app.shop.alice.comment(number, 'Nice work, no command.')
    await app.settled()
    expect(app.shop.github.calls).toEqual([])
  })

  test('writes nothing where nothing changed', async () => {
    const { number } = await open()
    app.calls.length = 0
    await app.shop.alice.review(number, { event: 'COMMENT', body: 'hm' })
    await app.settled()
    expect(app.calls.length).toBeGreaterThan(0)
    expect(writes()).toEqual([])
  })

  test('ends with the same check when deliveries come twice and the wrong way round', async () => {
    app.shop.github.holdWebhooks()
    count += 1
    const branch = `phase-1/late-${count}`
    await app.shop.bob.push(branch, { 'src/a.ts': 'one\n' }, 'One', { from: 'main' })
    const { number } = await app.shop.bob.openPullRequest({
      title: 'Late',
      body: 'Plan: T-101',
      head: branch,
      base: 'main',
    })
    const sha = await app.shop.bob.push(branch, { 'src/a.ts': 'two\n' }, 'Two')
    await app.shop.alice.approve(number)
    app.shop.github.releaseWebhooks('reversed')
    await app.settled()
    const before = await app.check(sha)
    expect(before?.conclusion).toBe('success')
    for (const { guid } of app.shop.github.deliveries.slice(-4)) app.shop.github.duplicateDelivery(guid)
    app.calls.length = 0
    await app.settled()
    expect(await app.check(sha)).toEqual(before)
    expect(writes()).toEqual([])
  })

  test('judges the pull request of a fork, which no check names', async () => {
    app.shop.github.setCollaborator('acme/shop', 'carol', 'read')
    await app.shop.github.fork('acme/shop', 'carol')
    const carol = app.shop.github.as('carol', 'carol/shop')
    const sha = await carol.push('phase-1/fork', { 'src/f.ts': 'F\n' }, 'From a fork')
    await app.shop.github
      .as('carol', 'acme/shop')
      .openPullRequest({ title: 'Fork', body: 'Plan: T-101', head: 'carol:phase-1/fork', base: 'main' })
    await app.settled()
    expect(await conclusion(sha)).toBe('failure')
    await app.shop.alice.setStatus(sha, 'failure', 'ci/other')
    await app.settled()
    expect(await title(sha)).toContain('checks/green')
  })

  test('waives a rule by command for who may, on this head only', async () => {
    const { sha, number, branch } = await open()
    const refused = app.shop.bob.comment(number, '/devloop override review/approved I know what I do')
    await app.settled()
    expect(await conclusion(sha)).toBe('failure')
    const replies = await app.github.repository(app.intakeRef).comments.list(number)
    expect(replies.items.at(-1)?.body).toContain('needs `admin` permission')
    const reactions = await app.github.repository(app.intakeRef).comments.listReactions('issue', refused.id)
    expect(reactions.map(({ content }) => content)).toEqual(['eyes', 'confused'])

    app.shop.alice.comment(number, '/devloop override review/approved The founders agreed in person')
    await app.settled()
    expect(await conclusion(sha)).toBe('success')
    const next = await app.shop.bob.push(branch, { 'src/a.ts': 'again\n' }, 'Again')
    await app.settled()
    expect(await conclusion(next)).toBe('failure')
  })

  test('waives by the button of the check run', async () => {
    const { sha } = await open()
    const run = await app.check(sha)
    app.shop.bob.pressAction(run?.id ?? 0, 'review/approved')
    await app.settled()
    expect(await conclusion(sha)).toBe('failure')
    app.shop.alice.pressAction(run?.id ?? 0, 'review/approved')
    await app.settled()
    expect(await conclusion(sha)).toBe('success')
  })

  test('finds a tick that nobody earned, with an annotation on its line', async () => {
    const { sha } = await open({ 'DEV_MAN/active/plan_v0.1.md': plan('x') }, 'Plan: T-102')
    expect(await title(sha)).toContain('plan/phantom-tick')
    expect((await app.check(sha))?.output.annotations_count).toBeGreaterThan(0)
  })

  test('keeps the last good policy while devloop.yml is broken, and says where', async () => {
    const { sha } = await open()
    await app.shop.alice.push('main', { '.github/devloop.yml': `${policy}reviw: {}\n` }, 'Break it (T-101)')
    await app.settled()
    expect(await title(sha)).toMatch(/devloop.yml has 1 problem/)
    expect((await app.check(sha))?.output).toMatchObject({ annotations_count: 1 })
    const mending = await open({ '.github/devloop.yml': policy })
    expect(await title(mending.sha)).toContain('review/approved')
    await app.shop.alice.push('main', { '.github/devloop.yml': policy }, 'Mend it (T-101)')
    await app.settled()
    expect(await title(sha)).toContain('review/approved')
  })

  test('upkeep brings what webhooks did not', async () => {
    app.shop.github.setWebhookUrl(app.shop.registration, null)
    const { sha, number } = await open()
    expect(await app.check(sha)).toBeUndefined()
    app.shop.github.setWebhookUrl(app.shop.registration, app.url)
    await runUpkeep(app.intake, new AbortController().signal)
    await app.settled()
    expect(await conclusion(sha)).toBe('failure')
    expect(number).toBeGreaterThan(0)
  })
  test('upkeep has lost deliveries sent again, and answers a command nobody heard', async () => {
    const { sha, number } = await open()
    app.shop.github.setWebhookUrl(app.shop.registration, 'http://127.0.0.1:9/')
    await app.shop.alice.approve(number)
    await app.shop.github.webhooksSettled()
    app.shop.github.setWebhookUrl(app.shop.registration, null)
    const comment = app.shop.alice.comment(number, '/devloop status')
    await app.settled()
    expect(await conclusion(sha)).toBe('failure')
    app.shop.github.setWebhookUrl(app.shop.registration, app.url)
    const later = { ...systemClock, now: () => Date.now() + 5 * 60_000 }
    await runUpkeep({ ...app.intake, clock: later }, new AbortController().signal)
    await app.settled()
    expect(await conclusion(sha)).toBe('success')
    const { comments } = app.github.repository(app.intakeRef)
    const reactions = await comments.listReactions('issue', comment.id)
    expect(reactions.map(({ content }) => content)).toEqual(['eyes', 'rocket'])
    await runUpkeep({ ...app.intake, clock: later }, new AbortController().signal)
    await app.settled()
    const answers = (await comments.list(number)).items.filter(({ author }) => author?.type === 'Bot')
    expect(answers).toHaveLength(1)
  })

  test('catches in the merge group what no pull request does alone: together they close the phase', async () => {
    const requiredChecks = ['devloop/governance']
    app.shop.github.addBranchRule('acme/shop', { pattern: 'main', mergeQueue: true, requiredChecks })
    const one = await open({ 'DEV_MAN/active/plan_v0.1.md': plan('x', ' ') }, 'Plan: T-101')
    const other = await open({ 'lib/x.ts': 'x\n', 'DEV_MAN/active/plan_v0.1.md': plan(' ', 'x') }, 'Plan: T-101, T-102')
    for (const { number } of [one, other]) await app.shop.alice.approve(number)
    await app.settled()
    expect([await conclusion(one.sha), await conclusion(other.sha)]).toEqual(['success', 'success'])
    await app.shop.alice.enqueue(one.number)
    await app.shop.alice.enqueue(other.number)
    await app.settled()
    const { pullRequests } = app.github.repository(app.intakeRef)
    expect([(await pullRequests.get(one.number)).merged, (await pullRequests.get(other.number)).merged]).toEqual([
      true,
      false,
    ])
    const groups = (await app.store.governance.listVerdicts(undefined, 20)).filter(
      ({ pullRequest }) => pullRequest === null,
    )
    expect(groups.map((verdict) => verdict.conclusion)).toContain('failure')
    const failed = groups.find((verdict) => verdict.conclusion === 'failure')
    expect(JSON.stringify(failed?.verdict)).toMatch(/"id":"plan\/phase-bump","level":"block","status":"fail"/)
  })
})
