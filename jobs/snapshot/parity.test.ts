import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLocalGit } from '../../adapters/git/local-git.ts'
import { createUserTokenRepository } from '../../adapters/github/user-token.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { POLICY_PATH } from '../../config/policy-schema.ts'
import { evaluate } from '../../governance/evaluate.ts'
import { type Snapshot, snapshotSchema } from '../../governance/snapshot.ts'
import type { GitSide } from '../../ports/git.ts'
import type { GithubRepository, PullRequestView } from '../../ports/github.ts'
import { type Shop, startShop } from '../../sandbox/github/__support__/start-shop.ts'
import { withEvent } from './action-snapshot.ts'
import { buildGithubSnapshot } from './github-snapshot.ts'
import { buildLocalSnapshot } from './local-snapshot.ts'
import { createPlanCache } from './plan-sides.ts'
import { readPolicyInForce } from './policy-in-force.ts'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'

const plan = (done: string, extra = '') => `# Plan v0.1

## Phase 1: Foundations ⏳

- [${done}] T-101 Say things louder {paths: src/**}
- [ ] T-102 Say them again {paths: lib/**}
${extra}`

/** Changes to one repository, each a pull request: the rule it breaks, files at head, branch, body. */
const cases = [
  ['an ordinary change', null, { 'src/a.ts': 'LOUD\n' }, 'phase-1/ordinary', 'Plan: T-101'],
  [
    'a tick that is earned',
    null,
    { 'src/a.ts': 'X\n', 'DEV_MAN/active/plan_v0.1.md': plan('x') },
    'phase-1/tick',
    'Plan: T-101',
  ],
  [
    'a tick without work',
    'plan/phantom-tick',
    { 'DEV_MAN/active/plan_v0.1.md': plan('x') },
    'phase-1/phantom',
    'Plan: T-102',
  ],
  [
    'a silent edit',
    'plan/silent-edit',
    { 'DEV_MAN/active/plan_v0.1.md': plan(' ', '- [ ] T-103 More\n') },
    'phase-1/edit',
    'Plan: T-101',
  ],
  ['a second plan', 'plan/one-active', { 'DEV_MAN/active/plan_v0.2.md': plan(' ') }, 'phase-1/second', 'Plan: T-101'],
  ['a stray file', 'plan/name-version', { 'DEV_MAN/active/notes.txt': 'n\n' }, 'phase-1/stray', 'Plan: T-101'],
  [
    'a changed archive',
    'plan/archive-frozen',
    { 'DEV_MAN/completed/plan_v0.0.1.md': '# Plan v0.0.1\n\nchanged\n' },
    'phase-1/archive',
    'Plan: T-101',
  ],
  ['work outside its scope', 'plan/scope', { 'docs/x.md': 'x\n' }, 'phase-1/scope', 'Plan: T-101'],
  ['a wrong branch name', 'branch/name', { 'src/a.ts': 'Y\n' }, 'quick-fix', 'Plan: T-101'],
  ['a closed phase', 'plan/branch-phase', { 'src/a.ts': 'Z\n' }, 'phase-9/later', ''],
  [
    'rule files that differ',
    'agents/rules-in-sync',
    { 'AGENTS.md': '# For agents\n' },
    'phase-1/agents',
    'Plan: T-101',
  ],
] as const

describe('one pull request, three worlds', () => {
  let shop: Shop
  let clone: string
  let github: GithubRepository
  beforeAll(async () => {
    shop = await startShop()
    await shop.alice.push(
      'main',
      {
        [POLICY_PATH]: "governance:\n  branches: {staging: null, feature: 'phase-{phase}/{slug}'}\n",
        'DEV_MAN/active/plan_v0.1.md': plan(' '),
        'DEV_MAN/completed/plan_v0.0.1.md': '# Plan v0.0.1\n\n## Phase 1: Before ✅\n\n- [x] T-001 Begin\n',
      },
      'Begin a plan',
    )
    github = createUserTokenRepository({
      fetch,
      baseUrl: shop.github.url,
      clock: systemClock,
      token: shop.github.createInstallationToken(shop.installation),
      repository: 'acme/shop',
    })
    for (const [title, , files, head, body] of cases) {
      await shop.bob.push(head, files, `${title}\n\n${body}`, { from: 'main' })
      await shop.bob.openPullRequest({ title, body, head, base: 'main' })
    }
    clone = mkdtempSync(join(tmpdir(), 'parity-'))
    execFileSync('git', ['clone', '-q', shop.github.repository('acme/shop').gitDir, clone])
  })
  afterAll(async () => {
    rmSync(clone, { recursive: true, force: true })
    await shop.stop()
  })

  async function fromGithub(number: number) {
    const open = await github.pullRequests.listOpen()
    const pullRequest = await github.pullRequests.get(number)
    const compared = await github.contents.compare(pullRequest.baseRef, pullRequest.headSha)
    const { facts } = createMemoryStore({ clock: systemClock })
    const { config } = await readPolicyInForce(github, facts, { ref: compared.baseSha, branch: 'main' })
    const world = {
      github,
      world: 'action',
      clock: systemClock,
      appLogin: null,
      isOwnCheck: () => false,
      cache: createPlanCache(),
      memory: null,
    } as const
    const snapshot = await buildGithubSnapshot(world, config, pullRequest, compared, open)
    return { snapshot, config, pullRequest }
  }
  async function fromCheckout(pullRequest: PullRequestView, head: GitSide | string) {
    const git = await openLocalGit(clone)
    try {
      const parts = { nowMs: Date.now(), cache: createPlanCache() }
      return await buildLocalSnapshot(git, { base: 'main', head, branch: pullRequest.headRef }, parts)
    } finally {
      await git.close()
    }
  }
  /** What rules say where this world can see; `skip` because it cannot is left out. */
  function saying(snapshot: Snapshot, config: Parameters<typeof evaluate>[1]) {
    expect(snapshotSchema.parse(snapshot)).toEqual(snapshot)
    const { rules } = evaluate(snapshot, config)
    const blind = /local git knows no|the Action sees no|told by webhooks only|remembered by/
    return new Map(rules.filter(({ message }) => !blind.test(message)).map(({ id, status }) => [id, status]))
  }

  test.each(cases.map(([title, broken], index) => [title, broken, index + 1] as const))(
    'agree on %s (%s)',
    async (_, broken, number) => {
      const { snapshot, config, pullRequest } = await fromGithub(number)
      const local = await fromCheckout(pullRequest, pullRequest.headSha)
      expect(local.config).toEqual(config)
      const event = { ...pullRequest, repository: 'acme/shop' }
      const said = saying(snapshot, config)
      if (broken !== null) expect(said.get(broken)).toBe('fail')
      else
        expect(
          [...said].filter(
            ([rule, status]) => rule !== 'plan/overlap' && rule.startsWith('plan/') && status === 'fail',
          ),
        ).toEqual([])
      const saidLocally = saying(local.snapshot, config)
      const saidInAction = saying(withEvent(local.snapshot, event), config)
      for (const [world, answers] of [
        ['local', saidLocally],
        ['action', saidInAction],
      ] as const) {
        expect(answers.size).toBeGreaterThan(15)
        for (const [rule, status] of answers)
          if (said.has(rule)) expect([world, rule, status]).toEqual([world, rule, said.get(rule)])
      }
      shop.github.assertClean()
    },
  )

  test('the index is judged as the commit it becomes', async () => {
    execFileSync('git', ['checkout', '-q', '-b', 'phase-1/index', 'origin/main'], { cwd: clone })
    writeFileSync(join(clone, 'DEV_MAN/active/plan_v0.1.md'), plan('x'))
    execFileSync('git', ['add', '-A'], { cwd: clone })
    const git = await openLocalGit(clone)
    try {
      const parts = { nowMs: Date.now(), cache: createPlanCache() }
      const { snapshot, config } = await buildLocalSnapshot(git, { base: 'main', head: 'staged' }, parts)
      const rules = evaluate(snapshot, config).rules.filter(({ status }) => status === 'fail')
      expect(rules.map(({ id }) => id)).toContain('plan/phantom-tick')
      expect(snapshot.change).toMatchObject({ headSha: 'staged', headRef: { seen: 'phase-1/index' } })
    } finally {
      await git.close()
    }
  })
})
