import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openTopic, type Shop, startShop } from '../sandbox/github/__support__/start-shop.ts'
import { pullRequestEvent } from './__support__/events.ts'
import { Step, type StepWish } from './__support__/run-action.ts'

const steps: Step[] = []
const open = (wish: StepWish) => {
  const step = new Step(wish)
  steps.push(step)
  return step
}
afterEach(() => {
  for (const step of steps.splice(0)) step.remove()
})

describe('the bundle as a runner starts it', () => {
  let shop: Shop
  let headSha: string
  let baseSha: string
  beforeAll(async () => {
    shop = await startShop()
    await shop.alice.push(
      'main',
      {
        '.github/devloop.yml':
          "governance:\n  branches: {staging: null, feature: 'phase-{phase}/{slug}'}\n  reviews: {approvals: 0}\n",
      },
      'A policy',
    )
    headSha = (await openTopic(shop)).headSha
    baseSha = execFileSync('git', ['-C', shop.github.repository('acme/shop').gitDir, 'rev-parse', 'main'], {
      encoding: 'utf8',
    }).trim()
  })
  afterAll(() => shop.stop())

  const token = (permissions?: Record<string, 'read' | 'write'>) =>
    shop.github.createInstallationToken(shop.installation, permissions)
  const check = (inputs: Record<string, string>, more: Partial<StepWish> = {}) =>
    open({
      inputs: { command: 'check', ...inputs },
      event: pullRequestEvent({ headSha, baseSha }),
      env: { GITHUB_API_URL: shop.github.url, GITHUB_RUN_ID: '77' },
      ...more,
    })

  it('judges a pull request through the API and writes the check run, the summary, outputs and a SARIF file', async () => {
    const secret = token()
    const end = await check({ 'github-token': secret }).main()
    expect(end.exitCode).toBe(1)
    expect(end.outputs).toMatchObject({ conclusion: 'failure', 'cost-usd': '0' })
    expect(Number(end.outputs.findings)).toBeGreaterThan(0)
    expect(end.annotations.join('\n')).toMatch(/error: .*topic/)
    expect(end.masks).toContain(secret)
    expect(end.summary).toContain('| `branch/name` |')
    const runs = await shop.asApp('GET', `/repos/acme/shop/commits/${headSha}/check-runs`)
    expect(runs.text).toContain('devloop/governance')
    const sarif = JSON.parse(readSarif(end.outputs.report ?? ''))
    expect(sarif.runs[0].results.length).toBeGreaterThan(0)
  })

  it('judges the checkout alone when there is no token', async () => {
    const step = check({})
    execFileSync('git', ['clone', '-q', shop.github.repository('acme/shop').gitDir, `${step.folder}/workspace`])
    const end = await step.main()
    expect(end.log).toContain('branch/name')
    expect(end.exitCode).toBe(1)
    expect(end.outputs.conclusion).toBe('failure')
    expect(end.summary).toContain('without a token')
  })

  it('keeps its verdict when the token may not write checks, and says which right is missing', async () => {
    const end = await check({
      'github-token': token({ contents: 'read', pull_requests: 'read', checks: 'read' }),
    }).main()
    expect(end.annotations.join('\n')).toContain('warning: The check run devloop/governance was not written')
    expect(end.annotations.join('\n')).toContain('checks: write')
    expect(end.outputs.conclusion).toBe('failure')
    expect(end.exitCode).toBe(1)
  })

  it('writes nothing in a dry run and never fails', async () => {
    const before = shop.github.calls.length
    const end = await check({ 'github-token': token(), 'dry-run': 'true' }).main()
    expect(end.exitCode).toBe(0)
    expect(end.outputs.conclusion).toBe('failure')
    expect(shop.github.calls.slice(before).filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it.each([
    ['a token that is refused', { 'github-token': 'ghs_nothing' }, 'may not read this pull request', 2],
    ['an unknown command', { command: 'chekc' }, 'did you mean check? It may be check, review, infer, pod, reap.', 2],
    ['an unknown input', { 'githb-token': 'x' }, 'There is no input githb-token; did you mean github-token?', 2],
    ['an unknown fail-on', { 'fail-on': 'always' }, 'It may be never, block, warn', 2],
  ])('refuses %s', async (_, inputs, sentence, exitCode) => {
    const end = await check(inputs).main()
    expect(end.annotations.join('\n')).toContain(sentence)
    expect(end.annotations[0]).toMatch(/^error: /)
    expect(end.exitCode).toBe(exitCode)
    expect(end.outputs.conclusion).toBe('error')
    expect(end.summary).toContain('DevLoop could not do this')
  })

  it.each([
    ['an empty event file', { event: undefined }, 'GITHUB_EVENT_PATH) is empty or missing'],
    ['the wrong kind of event', { eventName: 'push', event: {} }, 'was started by the event "push"'],
    ['an event that is none', { event: { hello: 1 } }, 'The event file is no pull_request event'],
    ['a checkout that is none', { env: {} }, 'is not in a git work tree'],
  ])('refuses %s', async (_, more, sentence) => {
    const end = await check({}, more).main()
    expect(end.annotations.join('\n')).toContain(sentence)
    expect(end.exitCode).toBe(2)
  })
})

function readSarif(path: string): string {
  return readFileSync(path, 'utf8')
}
