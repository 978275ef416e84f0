import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RunningApp, startApp } from './__support__/start-app.ts'

const plan = (ticked = false) => `# Plan v0.1

## Phase 1: Foundations ⏳

- [${ticked ? 'x' : ' '}] T-101 Say things louder {paths: src/**}
- [ ] T-102 Say them again {paths: src/**}
`
const policy = `version: 1
governance:
  branches: {main: main, staging: null, feature: 'phase-{phase}/{slug}'}
  reviews: {approvals: 1}
`

describe('governance in the App', () => {
  let app: RunningApp
  beforeEach(async () => {
    app = await startApp()
    await app.shop.alice.push(
      'main',
      { '.github/devloop.yml': policy, 'DEV_MAN/active/plan_v0.1.md': plan() },
      'Begin a plan (T-101)',
    )
    await app.settled()
  })
  afterEach(async () => {
    await app.stop()
  })

  async function openTopic(branch = 'phase-1/louder', body = 'Plan: T-101'): Promise<string> {
    const sha = await app.shop.bob.push(branch, { 'src/a.ts': 'LOUD\n' }, 'Shout', { from: 'main' })
    await app.shop.bob.openPullRequest({ title: 'Shout', body, head: branch, base: 'main' })
    await app.settled()
    return sha
  }

  test('goes red for a missing approval, and green when somebody else approves', async () => {
    const sha = await openTopic()
    const red = await app.check(sha)
    expect(app.problems).toEqual([])
    expect(red).toMatchObject({ conclusion: 'failure' })
    expect(red?.output.title).toContain('review/approved')
    await app.shop.alice.approve(1)
    await app.settled()
    expect((await app.check(sha))?.output.title).toMatch(/^Nothing holds this change/)
    expect((await app.check(sha))?.conclusion).toBe('success')
    app.shop.github.assertClean()
  })
})
