import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { openTopic, type Shop, startShop } from '../sandbox/github/__support__/start-shop.ts'
import { fullName } from '../sandbox/github/state/repository.ts'
import { type EmulatedOllama, startOllama } from '../sandbox/ollama/start.ts'
import { commentEvent, pullRequestEvent } from './__support__/events.ts'
import { startEmulatedRunpod } from './__support__/emulated-runpod.ts'
import { Step, type StepWish } from './__support__/run-action.ts'

const MODEL = 'qwen2.5-coder:7b'
let shop: Shop
let ollama: EmulatedOllama
let headSha: string
let baseSha: string
beforeAll(async () => {
  ollama = await startOllama({ models: [MODEL] })
  shop = await startShop()
  headSha = (await openTopic(shop)).headSha
  baseSha = git('rev-parse', 'main')
})
afterAll(async () => {
  await shop.stop()
  await ollama.stop()
})
const git = (...args: readonly string[]) =>
  execFileSync('git', ['-C', shop.github.repository('acme/shop').gitDir, ...args], { encoding: 'utf8' }).trim()

const steps: Step[] = []
afterEach(() => {
  for (const step of steps.splice(0)) step.remove()
})
function review(inputs: Record<string, string>, more: Partial<StepWish> = {}): Step {
  const step = new Step({
    inputs: { command: 'review', model: MODEL, engine: ollama.url, ...inputs },
    event: pullRequestEvent({ headSha, baseSha }),
    env: { GITHUB_API_URL: shop.github.url },
    ...more,
  })
  steps.push(step)
  return step
}
const token = () => shop.github.createInstallationToken(shop.installation)
const writes = (since: number) => shop.github.calls.slice(since).filter(({ method }) => method !== 'GET')

it('reviews a pull request and writes on it', async () => {
  const secret = token()
  const end = await review({ 'github-token': secret }).main()
  expect(end.annotations.filter((line) => line.startsWith('error'))).toEqual([])
  expect(end.exitCode).toBe(0)
  expect(['posted', 'clean', 'partial']).toContain(end.outputs.outcome)
  expect(end.outputs['cost-usd']).toBe('0')
  expect(end.summary).toContain('DevLoop review')
  expect(JSON.parse(readFileSync(end.outputs.report ?? '', 'utf8')).version).toBe('2.1.0')
  const comments = await shop.asApp('GET', '/repos/acme/shop/issues/1/comments')
  expect(comments.text).toContain('DevLoop review')
})

it('writes nothing on it with comment: false', async () => {
  const before = shop.github.calls.length
  const end = await review({ 'github-token': token(), comment: 'false' }).main()
  expect(end.exitCode).toBe(0)
  expect(end.summary).toContain('DevLoop review')
  expect(writes(before).filter(({ path }) => path !== '/graphql')).toEqual([])
})

it('rents and writes nothing in a dry run, and says what it would take', async () => {
  const before = [shop.github.calls.length, ollama.calls.length] as const
  const end = await review({ 'github-token': token(), 'dry-run': 'true', engine: 'runpod' }).main()
  expect(end.exitCode).toBe(0)
  expect(end.summary).toMatch(/passes/)
  expect(writes(before[0]).filter(({ path }) => path !== '/graphql')).toEqual([])
  expect(ollama.calls.length).toBe(before[1])
})

it('reviews the checkout when there is no token', async () => {
  const step = review({})
  execFileSync('git', ['clone', '-q', shop.github.repository('acme/shop').gitDir, `${step.folder}/workspace`])
  const end = await step.main()
  expect(end.exitCode).toBe(0)
  expect(end.summary).toContain('src/a.ts')
})

it('reviews for a comment of somebody who may', async () => {
  const before = shop.github.calls.length
  await shop.bob.comment(1, '/devloop review the loudness')
  const event = commentEvent('/devloop review the loudness', 'bob')
  const end = await review({ 'github-token': token() }, { eventName: 'issue_comment', event }).main()
  expect(end.exitCode).toBe(0)
  expect(shop.github.calls.slice(before).some(({ path }) => path.includes('/collaborators/bob/permission'))).toBe(true)
  expect(['posted', 'clean', 'partial']).toContain(end.outputs.outcome)
})

it.each([
  [
    'somebody who may not',
    commentEvent('/devloop review', 'mallory'),
    /@mallory has the permission "(none|read)" here, and a review needs "write"/,
  ],
  ['a comment that is no command', commentEvent('I would /devloop review this', 'bob'), /nobody asked/],
  ['a comment on an issue', commentEvent('/devloop review', 'bob', null), /only pull requests/],
  ['an edited comment', { ...commentEvent('/devloop review', 'bob'), action: 'edited' }, /only a new one/],
])('answers %s without asking a model', async (_, event, sentence) => {
  const before = ollama.calls.length
  const end = await review({ 'github-token': token() }, { eventName: 'issue_comment', event }).main()
  expect(end.annotations.join()).toMatch(sentence)
  expect(end.exitCode).toBe(0)
  expect(end.outputs.conclusion).toBe('neutral')
  expect(ollama.calls.length).toBe(before)
})

it('says on a fork that there are no secrets, and does not fail', async () => {
  const event = pullRequestEvent({ headSha, baseSha, fork: true })
  const end = await review({ engine: 'runpod', 'github-token': token() }, { event }).main()
  expect(end.annotations.join()).toContain('notice: This pull request comes from a fork')
  expect(end.outputs.conclusion).toBe('neutral')
  expect(end.exitCode).toBe(0)
})

it('reviews a fork on an engine that costs nothing, and says why nothing is written on it', async () => {
  const readOnly = {
    contents: 'read',
    pull_requests: 'read',
    statuses: 'read',
    checks: 'read',
    issues: 'read',
  } as const
  const secret = shop.github.createInstallationToken(shop.installation, readOnly)
  shop.github.createUser('mallory')
  const fork = await shop.github.fork('acme/shop', 'mallory')
  const mallory = shop.github.as('mallory', fullName(fork))
  const forkSha = await mallory.push('loud', { 'src/b.ts': 'export const b = 1\n' }, 'Shout', { from: 'main' })
  const { number } = await shop.github
    .as('mallory', 'acme/shop')
    .openPullRequest({ title: 'Shout', head: 'mallory:loud', base: 'main' })
  const before = shop.github.calls.length
  const event = pullRequestEvent({ number, headSha: forkSha, baseSha, fork: true })
  const end = await review({ 'github-token': secret }, { event }).main()
  expect(end.annotations.filter((line) => !line.startsWith('warning'))).toContain(
    "notice: GitHub lets the token of a fork's run only read: the review stands in this run, as annotations and in its summary.",
  )
  expect(end.exitCode).toBe(0)
  expect(['posted', 'clean', 'partial']).toContain(end.outputs.outcome)
  expect(end.summary).toContain('src/b.ts')
  expect(writes(before).filter(({ path, status }) => path !== '/graphql' && status < 400)).toEqual([])
})

it('asks for write access before it spends on a fork', async () => {
  const before = ollama.calls.length
  const event = { ...pullRequestEvent({ headSha, baseSha, fork: true }), sender: { login: 'eve' } }
  const inputs = { engine: 'runpod', 'runpod-api-key': 'rp_secret', 'github-token': token() }
  const forked = shop.github.repository('acme/shop').pullRequests.size
  const end = await review(inputs, {
    event: { ...event, pull_request: { ...event.pull_request, number: forked } },
  }).main()
  expect(end.annotations.join()).toContain('@eve has the permission')
  expect(end).toMatchObject({ exitCode: 0, outputs: { conclusion: 'neutral' } })
  expect(ollama.calls.length).toBe(before)
})

it.each([
  ['no key', { engine: 'runpod', 'github-token': 'x' }, {}, 'needs the input runpod-api-key', 2],
  ['the wrong event', {}, { eventName: 'push', event: {} }, 'has no pull request', 2],
  ['an empty event file', {}, { event: undefined }, 'is empty or missing', 2],
  [
    'a comment without a token',
    {},
    { eventName: 'issue_comment', event: commentEvent('/devloop review', 'bob') },
    'needs github-token',
    2,
  ],
])('refuses %s', async (_, inputs, more, sentence, exitCode) => {
  const wanted =
    inputs['github-token' as keyof typeof inputs] === undefined ? inputs : { ...inputs, 'github-token': token() }
  const end = await review(wanted, more).main()
  expect(end.annotations.join()).toContain(sentence)
  expect(end.exitCode).toBe(exitCode)
})

it('fails when no model could be asked, and says why', async () => {
  const end = await review({ 'github-token': token(), comment: 'false', engine: 'http://127.0.0.1:9' }).main()
  expect(end.outputs.outcome).toBe('failed')
  expect(end.annotations.join()).toContain('error: The review failed: ')
  expect(end.exitCode).toBe(1)
})

it('ends where max-cost-usd is reached, says on the pull request what was not read, gives the pod back and fails', async () => {
  // Reading the prompt alone takes longer than the money lasts.
  const runpod = await startEmulatedRunpod({ ollama: { speed: { promptTokensPerSecond: 20 } } }, 'light')
  try {
    const limits = { engine: 'runpod', 'runpod-api-key': runpod.apiKey, 'max-cost-usd': '0.0008' }
    const env = { GITHUB_API_URL: shop.github.url, ...runpod.env }
    const end = await review({ 'github-token': token(), ...limits }, { env }).main()
    expect(end.annotations.join()).toMatch(/error: The review failed: .*reached the \$0\.0008 it may cost/)
    expect(end).toMatchObject({ exitCode: 1, outputs: { outcome: 'failed', conclusion: 'failure' } })
    expect(Number(end.outputs['cost-usd'])).toBeGreaterThanOrEqual(0.0008)
    expect(await runpod.livePods()).toEqual([])
    const comments = await shop.asApp('GET', '/repos/acme/shop/issues/1/comments')
    expect(comments.text).toMatch(/0 of 2 hunks read/)
    expect(comments.text).toContain('budget')
  } finally {
    await runpod.stop()
  }
})
