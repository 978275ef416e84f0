import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../config/parse-policy-file.ts'
import { configWithoutFile, defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { RULE_IDS, type RuleId } from '../config/rule-ids.ts'
import { canarySnapshot } from './canaries.ts'
import { evaluate } from './evaluate.ts'
import { HEAD_SHA, healthySnapshot, person, planSide, withHeadPlan } from './healthy-snapshot.ts'
import { RULES } from './rules/index.ts'
import { failedToSee, notVisibleHere, type PlanSide, type Snapshot, seen } from './snapshot.ts'

const config = defaultConfig()
const healthy = healthySnapshot(config)
const PATH = 'DEV_MAN/active/plan_v1.0.md'

function say(id: RuleId, snapshot: Snapshot, policy: ResolvedConfig = config): string {
  const [verdict] = evaluate(
    snapshot,
    policy,
    RULES.filter((rule) => rule.id === id),
  ).rules
  return `${verdict?.status}: ${verdict?.message}`
}

function policy(text: string): ResolvedConfig {
  const parsed = parsePolicyFile(text)
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join('\n'))
  return parsed.config
}

function withChange(change: Partial<Snapshot['change']>, rest: Partial<Snapshot> = {}): Snapshot {
  return { ...healthy, ...rest, change: { ...healthy.change, ...change } }
}

function withHeadSide(change: (side: PlanSide) => PlanSide): Snapshot {
  const { head } = healthy.plans
  if ('unseen' in head) throw new Error('the healthy snapshot sees its plans')
  return { ...healthy, plans: { ...healthy.plans, head: seen(change(head.seen)) } }
}

function extraEntry(path: string, mode: string): Snapshot {
  return withHeadSide((side) => ({ ...side, tree: [...side.tree, { path, mode, blobSha: 'f'.repeat(40) }] }))
}

describe('the planning folder', () => {
  it.each([
    ['a symlink', 'DEV_MAN/active/plan_v2.0.md', '120000', 'DEV_MAN/active/plan_v2.0.md is a symlink, not a plan'],
    ['a submodule', 'DEV_MAN/active/more', '160000', 'DEV_MAN/active/more is a submodule, not a plan'],
    [
      'a note',
      'DEV_MAN/active/my notes "ü".md',
      '100644',
      'DEV_MAN/active/my notes "ü".md is not a plan: plans are files named plan_vX.Y.md directly in active/',
    ],
    [
      'a plan in a folder',
      'DEV_MAN/active/old/plan_v0.1.md',
      '100644',
      'DEV_MAN/active/old/plan_v0.1.md is not a plan: plans are files named plan_vX.Y.md directly in active/',
    ],
  ])('takes %s in active/ for a stray', (_, path, mode, message) => {
    expect(say('plan/name-version', extraEntry(path, mode))).toBe(`fail: ${message}`)
    expect(say('plan/one-active', extraEntry(path, mode))).toContain('pass')
  })

  it('allows .gitkeep in active/ and anything outside of active/ and completed/', () => {
    expect(say('plan/name-version', extraEntry('DEV_MAN/active/.gitkeep', '100644'))).toContain('pass')
    expect(say('plan/name-version', extraEntry('DEV_MAN/glossary.md', '100644'))).toContain('pass')
  })

  it('skips every plan rule in a repository without one, and says how to begin', () => {
    const none = seen(planSide({}, HEAD_SHA))
    const snapshot = { ...healthy, plans: { base: none, mergeBase: none, head: none } }
    const verdict = evaluate(snapshot, config)
    const plan = verdict.rules.filter((rule) => rule.id.startsWith('plan/'))
    expect(new Set(plan.map((rule) => rule.status))).toEqual(new Set(['skip']))
    expect(say('plan/one-active', snapshot)).toBe(
      'skip: there is no DEV_MAN/ in this repository; `devloop init` begins one',
    )
    expect(verdict).toMatchObject({ conclusion: 'success', drift: 0 })
  })

  it('does not let a change take the whole folder away', () => {
    const snapshot = { ...healthy, plans: { ...healthy.plans, head: seen(planSide({}, HEAD_SHA)) } }
    expect(say('plan/one-active', snapshot)).toBe('fail: DEV_MAN/active/ holds 0 plans, but must hold exactly one')
    const verdict = evaluate(snapshot, config)
    expect(verdict).toMatchObject({ conclusion: 'failure', pathReachesGreen: true })
    expect(verdict.shortestPath.map((step) => step.text)).toEqual([
      `Put ${PATH} back`,
      'Put DEV_MAN/completed/plan_v0.3.md back as on the base',
      'Approve the current head',
    ])
  })

  it('lets a first plan in', () => {
    const none = seen(planSide({}, 'c'.repeat(40)))
    const verdict = evaluate({ ...healthy, plans: { ...healthy.plans, base: none, mergeBase: none } }, config)
    expect(verdict.conclusion).toBe('success')
  })

  it('archives a plan and begins the next without a lost id', () => {
    const done =
      '# Shop — Plan v1.0 (2026-11-01)\n\n## Phase 1 – Cart\n\n- [x] T-1 a\n- [x] T-2 b\n- [x] T-3 c\n\n## Phase 2 – Delivery\n\n- [ ] T-4 d {deferred: no printer}\n'
    const next = '# Shop — Plan v2.0 (2026-11-21)\n\n## Phase 1 – More\n\n- [ ] T-5 e\n'
    const snapshot = withHeadSide((side) => {
      const fresh = planSide({ 'DEV_MAN/completed/plan_v1.0.md': done, 'DEV_MAN/active/plan_v2.0.md': next }, HEAD_SHA)
      return { ...fresh, archive: [...fresh.archive, ...side.archive] }
    })
    for (const id of [
      'plan/one-active',
      'plan/ghost',
      'plan/archive-open',
      'plan/archive-frozen',
      'plan/silent-edit',
      'plan/id-loss',
    ] as const) {
      expect([id, say(id, snapshot).slice(0, 4)]).toEqual([id, 'pass'])
    }
  })

  it('cannot tell a ghost in an archive that was not read', () => {
    const snapshot = withHeadSide((side) => ({
      ...side,
      archive: side.archive.map((entry) => ({ ...entry, content: null })),
    }))
    expect(say('plan/ghost', snapshot)).toBe('unknown: 1 archived plan was not read: DEV_MAN/completed/plan_v0.3.md')
  })
})

describe('versions and ticks', () => {
  it.each([
    ['went down', 'v0.9', 'plan_v0.9.md', 'fail: the version went down, v1.0 → v0.9'],
    ['skipped a step', 'v1.2', 'plan_v1.2.md', 'fail: the version skipped a step, v1.0 → v1.2'],
    ['went one step', 'v1.0.1', 'plan_v1.0.1.md', 'pass: the content of the plan is the same'],
  ])('says that the version %s', (_, version, name, expected) => {
    expect(
      say(
        'plan/silent-edit',
        withHeadPlan(healthy, (text) => text.replace('v1.0', version), `DEV_MAN/active/${name}`),
      ),
    ).toBe(expected)
  })

  it('refuses a minor step without a closed phase', () => {
    const snapshot = withHeadPlan(healthy, (text) => text.replace('v1.0', 'v1.1'), 'DEV_MAN/active/plan_v1.1.md')
    expect(say('plan/phase-bump', snapshot)).toBe(
      'fail: the minor version was raised (v1.0 → v1.1), but no phase closed; Phase 1 is still current',
    )
  })

  it('refuses a mark that moves on while the phase is open', () => {
    const snapshot = withHeadPlan(healthy, (text) => text.replace('## Phase 2', '## ⏳ Phase 2'))
    expect(say('plan/phase-bump', snapshot)).toBe('fail: Phase 2 is marked current, but Phase 1 is not done')
  })

  it('takes a merged pull request that cites the task and touches its paths as proof', () => {
    const alone = {
      ...canarySnapshot('plan/phantom-tick'),
      merged: seen([
        { ref: '#6', mergedAt: '2026-11-20T10:00:00Z', tasks: ['T-2'], paths: ['src/cart/x.ts'], revertedBy: null },
      ]),
    }
    expect(say('plan/phantom-tick', alone)).toBe('pass: T-2 was earned')
    const unread = {
      ...alone,
      merged: seen([{ ref: '#6', mergedAt: '2026-11-20T10:00:00Z', tasks: ['T-2'], paths: null, revertedBy: null }]),
    }
    expect(say('plan/phantom-tick', unread)).toBe('unknown: which files earned T-2 is not known')
  })

  it('accepts tombstones that lead somewhere, and no others', () => {
    const stone = (text: string) => withHeadPlan(healthy, (plan) => plan.replace(/- \[ \] T-4.*/u, text))
    expect(say('plan/id-loss', stone('- ~~T-4~~ (removed: no printer)'))).toContain('pass')
    expect(say('plan/id-loss', stone('- ~~T-4~~ → T-9\n- [ ] T-9 Print the label'))).toContain('pass')
    expect(say('plan/id-loss', stone('- ~~T-4~~ → T-9'))).toBe('fail: T-4 points to T-9, which is not in the plan')
    expect(say('plan/id-loss', stone('- [ ] T-9 Print the label {paths: src/label/**; depends: T-3}'))).toBe(
      'fail: T-4 became T-9 without a tombstone',
    )
  })
})

describe('plan owners', () => {
  const edit = canarySnapshot('plan/approved-edit')
  const approved = (login: string, permission: 'admin' | 'write' | null, rest: Partial<Snapshot> = {}): Snapshot => ({
    ...edit,
    reviews: seen([
      { id: 1, reviewer: person(login), state: 'APPROVED', commitSha: HEAD_SHA, submittedAt: healthy.now, permission },
    ]),
    ...rest,
  })

  it.each([
    [
      'anybody who may override, when nobody is named',
      '',
      approved('bo', 'admin'),
      'pass: bo, an owner of the plan, approved the edit on this head',
    ],
    ['nobody below that', '', approved('bo', 'write'), 'fail'],
    [
      'nobody whose permission was not asked for',
      '',
      approved('bo', null),
      'unknown: the plan changed; whether bo is one of its owners could not be seen',
    ],
    ['a named person', "governance: {plan: {owners: ['@bo']}}", approved('Bo', 'write'), 'pass: Bo, an owner'],
    ['no admin who is not named', "governance: {plan: {owners: ['@cy']}}", approved('bo', 'admin'), 'fail'],
    [
      'a member of a team',
      "governance: {plan: {owners: ['@acme/leads']}}",
      approved('bo', 'write', { teams: seen({ '@acme/leads': ['BO'] }) }),
      'pass: bo, an owner',
    ],
    [
      'nobody of a team that could not be read',
      "governance: {plan: {owners: ['@acme/leads']}}",
      approved('bo', 'write', { teams: failedToSee('no') }),
      'unknown: the plan changed; whether bo',
    ],
    ['no owner who wrote the change', "governance: {plan: {owners: ['@ada']}}", approved('ada', 'admin'), 'fail'],
  ])('are %s', (_, text, snapshot, expected) => {
    expect(say('plan/approved-edit', snapshot, policy(text)).startsWith(expected)).toBe(true)
  })
})

describe('branches', () => {
  it.each([
    ['a promotion of staging', withChange({ headRef: seen('dev'), baseRef: 'main' }), 'pass'],
    ['a hotfix', withChange({ headRef: seen('hotfix/1'), baseRef: 'main' }), 'pass'],
    ['an update of dependencies for main', withChange({ headRef: seen('dependabot/npm/x'), baseRef: 'main' }), 'fail'],
    ['a feature for another feature', withChange({ baseRef: 'phase-1/other' }), 'fail'],
    [
      'a feature for main where staging does not exist',
      withChange({ baseRef: 'main' }, { existingBranches: seen(['main']) }),
      'pass',
    ],
    [
      'the main of a fork',
      withChange({ headRef: seen('main'), fromFork: true, baseRef: 'main' }, { existingBranches: seen(['main']) }),
      'pass',
    ],
    ['a branch judged by itself', withChange({ headRef: seen('dev') }), 'skip'],
  ])('judges the target of %s', (_, snapshot, status) => {
    expect(say('branch/target', snapshot).split(':')[0]).toBe(status)
  })

  it('sends features to main with `staging: null`', () => {
    expect(
      say('branch/target', withChange({ baseRef: 'main' }), policy('governance: {branches: {staging: null}}')),
    ).toBe('pass: `phase-1/cart` may go to `main`')
  })

  it('does not take the main branch of a fork for ours', () => {
    expect(say('branch/name', withChange({ headRef: seen('main'), fromFork: true }))).toContain('fail')
  })
})

describe('a verdict', () => {
  it('is neutral without a policy, whatever is wrong', () => {
    const verdict = evaluate(canarySnapshot('plan/one-active'), configWithoutFile())
    expect(verdict.conclusion).toBe('neutral')
    expect(verdict.rules.every((rule) => rule.level === 'log')).toBe(true)
    expect(verdict.shortestPath).toEqual([])
  })

  it('leaves out rules that are off and lets warnings pass', () => {
    const soft = policy('governance: {rules: {checks/green: "off", review/approved: warn}}')
    const verdict = evaluate({ ...canarySnapshot('checks/green'), reviews: seen([]) }, soft)
    expect(verdict.rules.some((rule) => rule.id === 'checks/green')).toBe(false)
    expect(verdict.conclusion).toBe('success')
  })

  it('is held by a blocking rule that cannot tell', () => {
    expect(evaluate({ ...healthy, checks: failedToSee('GitHub did not answer') }, config).conclusion).toBe('failure')
    expect(evaluate({ ...healthy, checks: notVisibleHere('local git knows no checks') }, config).conclusion).toBe(
      'success',
    )
  })

  it('is an error when a blocking rule breaks', () => {
    const broken = RULES.map((rule) =>
      rule.id === 'plan/ghost'
        ? {
            ...rule,
            evaluate: () => {
              throw new TypeError('x is undefined')
            },
          }
        : rule,
    )
    const verdict = evaluate(healthy, config, broken)
    expect(verdict.conclusion).toBe('error')
    expect(verdict.rules.find((rule) => rule.id === 'plan/ghost')).toMatchObject({
      status: 'unknown',
      message: 'this rule broke (x is undefined)',
    })
  })

  it.each([
    ['holds for its rule and head', {}, 'success'],
    ['is void on another head', { headSha: 'e'.repeat(40) }, 'failure'],
    ['is for one rule', { rule: 'plan/ghost' }, 'failure'],
    ['needs the permission the policy asks for', { permission: 'write' as const }, 'failure'],
  ])('is changed by a waiver that %s', (_, change, conclusion) => {
    const waiver = {
      rule: 'checks/green',
      headSha: HEAD_SHA,
      reason: 'flaky',
      by: 'root',
      permission: 'admin' as const,
      at: healthy.now,
      ...change,
    }
    const verdict = evaluate({ ...canarySnapshot('checks/green'), waivers: seen([waiver]) }, config)
    expect(verdict.conclusion).toBe(conclusion)
    expect(verdict.rules.find((rule) => rule.id === 'checks/green')?.status).toBe('fail')
  })

  it('counts drift: failing plan rules that nobody waived', () => {
    const snapshot = canarySnapshot('plan/silent-edit')
    expect(evaluate(snapshot, config).drift).toBe(2)
    const waiver = {
      rule: 'plan/silent-edit',
      headSha: HEAD_SHA,
      reason: 'typo',
      by: 'root',
      permission: 'admin' as const,
      at: healthy.now,
    }
    expect(evaluate({ ...snapshot, waivers: seen([waiver]) }, config).drift).toBe(1)
  })

  it('finds that one approval of a plan owner serves two rules, after the push that voids the old one', () => {
    const verdict = evaluate(canarySnapshot('plan/silent-edit'), config)
    expect(verdict.shortestPath.map((step) => step.text)).toEqual([
      'Give the plan the version 1.0.1 (`devloop plan bump`)',
      'Approve the current head, which changes the plan',
    ])
  })

  it('asks for as many approvals as are missing', () => {
    const two = policy('governance: {reviews: {approvals: 3}}')
    expect(evaluate({ ...healthy, reviews: seen([]) }, two).shortestPath).toHaveLength(3)
  })

  it('has one verdict per enabled rule, in the order of the rules', () => {
    expect(evaluate(healthy, config).rules.map((rule) => rule.id)).toEqual(RULE_IDS)
  })
})
