import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { checkOn, type Product, startProduct } from './__support__/start-product.ts'

const CHECK = 'devloop/governance'

const plan = ({ version = '0.1', one = ' ', two = ' ', isBumped = false } = {}) => `# Plan v${version}

## Phase 1: Foundations ${isBumped ? '✅' : '⏳'}

- [${one}] T-101 Say things louder {paths: src/**}
- [${two}] T-102 Say them again {paths: lib/**}

## Phase 2: Walls ${isBumped ? '⏳' : '⬜'}

- [ ] T-201 Build {paths: walls/**}
`
const policy = (rules = '') => `version: 1
governance:
  rules: {plan/revert-tick: block${rules}}
  branches: {main: main, staging: null, feature: 'phase-{phase}/{slug}'}
  plan: {owners: ['@ada']}
`
const PLAN = 'DEV_MAN/active/plan_v0.1.md'

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product.stop())
afterEach(() => product.expectProper())

/** A repository whose main branch may be entered through the required check alone. */
async function governed(name: string) {
  const { github } = product
  const files = { '.github/devloop.yml': policy(), [PLAN]: plan(), 'README.md': '# shop\n' }
  await github.createRepository(name, { files, collaborators: { bob: 'write', cleo: 'write' } })
  github.addBranchRule(name, { pattern: 'main', requiredChecks: [CHECK] })
  const [ada, bob] = [github.as('ada', name), github.as('bob', name)]
  const repository = github.repository(name)
  const verdict = async (sha: string) => {
    await product.settled()
    return checkOn(repository, sha, CHECK)
  }
  async function open(branch: string, files: Record<string, string | null>, body: string) {
    const sha = await bob.push(branch, files, 'Work', { from: 'main' })
    const { number } = await bob.openPullRequest({ title: `Work on ${branch}`, body, head: branch, base: 'main' })
    return { sha, number }
  }
  return { ada, bob, repository, verdict, open }
}

describe('a required check', () => {
  it('lets a plan be lived: approved, ticked, bumped, reverted', async () => {
    const { ada, bob, verdict, open } = await governed('acme/lived')
    const first = await open('phase-1/louder', { 'src/a.ts': 'LOUD\n', [PLAN]: plan({ one: 'x' }) }, 'Plan: T-101')
    expect((await verdict(first.sha))?.title).toContain('review/approved')
    await expect(ada.merge(first.number)).rejects.toThrow()
    await ada.approve(first.number)
    expect((await verdict(first.sha))?.conclusion).toBe('success')
    await ada.merge(first.number)

    const last = { 'lib/b.ts': 'AGAIN\n', [PLAN]: plan({ one: 'x', two: 'x' }) }
    const second = await open('phase-1/again', last, 'Plan: T-102')
    await ada.approve(second.number)
    expect((await verdict(second.sha))?.title).toContain('plan/phase-bump')
    const bumped = plan({ version: '0.2', one: 'x', two: 'x', isBumped: true })
    const named = await bob.push('phase-1/again', { [PLAN]: bumped }, 'Close the phase')
    expect((await verdict(named))?.text).toContain('plan/name-version')
    const renamed = { [PLAN]: null, 'DEV_MAN/active/plan_v0.2.md': bumped }
    const moved = await bob.push('phase-1/again', renamed, 'Rename the plan')
    expect((await verdict(moved))?.title).toContain('review/approved')
    await ada.approve(second.number)
    expect((await verdict(moved))?.conclusion).toBe('success')
    await ada.merge(second.number)

    const undo = await open('phase-2/undo', { 'src/a.ts': null }, `Reverts #${first.number}`)
    await ada.approve(undo.number)
    expect((await verdict(undo.sha))?.conclusion).toBe('success')
    await ada.merge(undo.number)
    const next = await open('phase-2/walls', { 'walls/a.ts': 'wall\n' }, 'Plan: T-201')
    await ada.approve(next.number)
    expect((await verdict(next.sha))?.title).toContain('plan/revert-tick')
  })

  it('follows the policy of the base branch as it changes, and keeps the last good one while it is broken', async () => {
    const { ada, verdict, open } = await governed('acme/policy')
    const { sha } = await open('phase-1/louder', { 'src/a.ts': 'LOUD\n' }, 'Plan: T-101')
    expect((await verdict(sha))?.title).toContain('review/approved')
    await ada.push('main', { '.github/devloop.yml': policy(', review/approved: off') }, 'Trust (T-101)')
    expect((await verdict(sha))?.conclusion).toBe('success')
    await ada.push('main', { '.github/devloop.yml': policy(', review/aproved: off') }, 'Mistype (T-101)')
    const broken = await verdict(sha)
    expect(broken?.conclusion).toBe('failure')
    expect(broken?.annotations).toMatchObject([{ path: '.github/devloop.yml', start_line: 3 }])
    expect(broken?.annotations[0]?.message).toContain('review/approved')
  })

  it('does not count the approval of whoever launched the agent that wrote the change', async () => {
    const { ada, repository, verdict } = await governed('acme/agents')
    const { github } = product
    github.createUser('coder[bot]')
    github.setCollaborator('acme/agents', 'coder[bot]', 'write')
    const coder = github.as('coder[bot]', 'acme/agents')
    const sha = await coder.push('phase-1/by-agent', { 'src/a.ts': 'LOUD\n' }, 'Shout', { from: 'main' })
    const { number } = await coder.openPullRequest({
      title: 'Shout',
      body: 'Plan: T-101\nLaunched-by: @bob',
      head: 'phase-1/by-agent',
      base: 'main',
    })
    await github.as('bob', 'acme/agents').approve(number)
    const red = await verdict(sha)
    expect(red?.conclusion).toBe('failure')
    expect(red?.text).toMatch(/bob launched coder/u)
    await ada.approve(number)
    expect((await verdict(sha))?.conclusion).toBe('success')
    expect([...repository.runs.values()].filter(({ name }) => name === CHECK)).toHaveLength(1)
  })

  it('judges 3,000 files whole', async () => {
    const { ada, verdict, open } = await governed('acme/many')
    const many = Array.from({ length: 2_999 }, (_, index) => [`src/many/${index}.ts`, `${index}\n`] as const)
    const { sha, number } = await open(
      'phase-1/many',
      { ...Object.fromEntries(many), 'zoo/last.ts': 'outside\n' },
      'Plan: T-101',
    )
    await ada.approve(number)
    const { conclusion, text } = (await verdict(sha)) ?? {}
    expect(conclusion).toBe('success')
    // The one file that no task names comes last of all.
    expect(text).toContain('zoo/last.ts')
  })

  it('ends the same when events come late, twice and the wrong way round', async () => {
    const { ada, bob, verdict, open } = await governed('acme/late')
    await product.settled()
    product.github.holdWebhooks()
    const { number } = await open('phase-1/late', { 'src/a.ts': 'one\n' }, 'Plan: T-101')
    const sha = await bob.push('phase-1/late', { 'src/a.ts': 'two\n' }, 'Two')
    await ada.approve(number)
    product.github.releaseWebhooks('reversed')
    const before = structuredClone(await verdict(sha))
    expect(before?.conclusion).toBe('success')
    const late = product.github.deliveries.filter(({ payload }) => payload.includes('acme/late'))
    for (const { guid } of late) product.github.duplicateDelivery(guid)
    product.github.resetCalls()
    expect(await verdict(sha)).toEqual(before)
    expect(product.github.calls).toEqual([])
  })
})
