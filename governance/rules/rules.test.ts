import { describe, expect, it } from 'vitest'
import { defaultConfig, type ResolvedConfig } from '../../config/resolved-config.ts'
import { RULE_IDS, type RuleId } from '../../config/rule-ids.ts'
import { canarySnapshot } from '../canaries.ts'
import { evaluate } from '../evaluate.ts'
import { healthySnapshot } from '../healthy-snapshot.ts'
import { failedToSee, notVisibleHere, type Snapshot } from '../snapshot.ts'
import { View } from '../view.ts'
import { RULES } from './index.ts'

const base = defaultConfig()
const config: ResolvedConfig = {
  ...base,
  governance: {
    ...base.governance,
    rules: Object.fromEntries(RULE_IDS.map((id) => [id, 'block'])) as typeof base.governance.rules,
  },
}
const healthy = healthySnapshot(config)

function verdictOf(id: RuleId, snapshot: Snapshot) {
  const verdict = evaluate(
    snapshot,
    config,
    RULES.filter((rule) => rule.id === id),
  ).rules[0]
  if (verdict === undefined) throw new Error(`no verdict for ${id}`)
  return verdict
}

/** What the canary of each rule is told, and who is asked to act. */
const FAILS: Readonly<
  Record<RuleId, readonly [message: string, kind: 'mechanical' | 'judgement', where: string | null]>
> = {
  'branch/name': ['`quick fix` does not match `phase-{phase}/{slug}` and is not exempt', 'judgement', null],
  'branch/target': [
    '`phase-1/cart` aims at `main`, which is fed by `dev`, release/ and hotfix/ branches only',
    'mechanical',
    null,
  ],
  'branch/direct-push': [
    '1 commit reached the base without a pull request or a task: ddddddd on `dev` by eve',
    'judgement',
    null,
  ],
  'review/approved': ['0 of 1 approvals count on aaaaaaa', 'judgement', null],
  'review/independent': [
    'an approval does not count, because its approver made the change: ada opened it and pushed and wrote a commit',
    'judgement',
    null,
  ],
  'checks/green': ['not green: test: failure', 'judgement', null],
  'plan/one-active': [
    'DEV_MAN/active/ holds 2 plans, but must hold exactly one: plan_v1.0.md, plan_v2.0.md',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:1',
  ],
  'plan/name-version': [
    'DEV_MAN/active/plan_v1.0.md names different versions (file name 1.0, title 1.4)',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:1',
  ],
  'plan/ghost': [
    'DEV_MAN/active/plan_v1.0.md and DEV_MAN/completed/plan_v1.0.md have the same version, 1.0',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:1',
  ],
  'plan/archive-frozen': [
    'archived plans change: DEV_MAN/completed/plan_v0.3.md is gone',
    'mechanical',
    'DEV_MAN/completed/plan_v0.3.md:1',
  ],
  'plan/archive-open': ['a plan is archived with open tasks: T-0', 'judgement', 'DEV_MAN/completed/plan_v0.4.md:5'],
  'plan/silent-edit': [
    'the content of the plan changed, but the version is still v1.0',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:1',
  ],
  'plan/phase-bump': [
    'Phase 1 closes, but the version is v1.0 → v1.0; closing a phase raises the minor version',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:3',
  ],
  'plan/approved-edit': [
    'the content of the plan changed, and no owner of the plan approved that on this head',
    'judgement',
    'DEV_MAN/active/plan_v1.0.1.md:1',
  ],
  'plan/branch-phase': [
    'the branch is for Phase 2, which is not the current one; current is Phase 1 – Cart',
    'judgement',
    'DEV_MAN/active/plan_v1.0.md:3',
  ],
  'plan/task-ref': ['T-99 is not in the plan', 'judgement', null],
  'plan/scope': [
    '1 of 2 changed files lies outside the paths of T-2: src/elsewhere.ts',
    'judgement',
    'src/elsewhere.ts:1',
  ],
  'plan/phantom-tick': [
    'T-2 (src/cart/**) is ticked, but neither this nor a merged pull request cites the task and touches its paths',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:6',
  ],
  'plan/missing-tick': [
    'work was merged, but its box is still open: T-3 (#4, merged 2026-10-01)',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:7',
  ],
  'plan/revert-tick': [
    'the work was reverted, but the box is still ticked: T-1 (#3, reverted by #5)',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:5',
  ],
  'plan/id-loss': ['T-4 is gone without a tombstone', 'judgement', null],
  'plan/base-moved': [
    'since this branch began, the base changed what it relies on: T-2 was edited; Phase 1 was edited',
    'mechanical',
    'DEV_MAN/active/plan_v1.0.md:1',
  ],
  'plan/overlap': ['another open pull request claims the same: #8 (T-2)', 'judgement', null],
  'plan/stale': [
    'the plan has not changed for 51 days, while 1 pull request was merged',
    'judgement',
    'DEV_MAN/active/plan_v1.0.md:1',
  ],
  'agents/rules-in-sync': [
    "the agents' rule files differ from the policy: AGENTS.md (has no DevLoop section)",
    'mechanical',
    'AGENTS.md:1',
  ],
}

/** What each rule cannot do without. */
const NEEDS: Readonly<Record<RuleId, (snapshot: Snapshot, hidden: ReturnType<typeof failedToSee<never>>) => Snapshot>> =
  {
    'branch/name': (snapshot, hidden) => ({ ...snapshot, change: { ...snapshot.change, headRef: hidden } }),
    'branch/target': (snapshot, hidden) => ({ ...snapshot, existingBranches: hidden }),
    'branch/direct-push': (snapshot, hidden) => ({ ...snapshot, directPushes: hidden }),
    'review/approved': (snapshot, hidden) => ({ ...snapshot, reviews: hidden }),
    'review/independent': (snapshot, hidden) => ({ ...snapshot, reviews: hidden }),
    'checks/green': (snapshot, hidden) => ({ ...snapshot, checks: hidden }),
    'plan/one-active': hideHead,
    'plan/name-version': hideHead,
    'plan/ghost': hideHead,
    'plan/archive-frozen': hideMergeBase,
    'plan/archive-open': hideMergeBase,
    'plan/silent-edit': hideMergeBase,
    'plan/phase-bump': hideMergeBase,
    'plan/approved-edit': (snapshot, hidden) => ({ ...snapshot, reviews: hidden }),
    'plan/branch-phase': (snapshot, hidden) => ({ ...snapshot, plans: { ...snapshot.plans, base: hidden } }),
    'plan/task-ref': (snapshot, hidden) => ({ ...snapshot, change: { ...snapshot.change, body: hidden } }),
    'plan/scope': (snapshot, hidden) => ({ ...snapshot, files: hidden }),
    'plan/phantom-tick': (snapshot, hidden) => ({ ...snapshot, merged: hidden }),
    'plan/missing-tick': (snapshot, hidden) => ({ ...snapshot, merged: hidden }),
    'plan/revert-tick': (snapshot, hidden) => ({ ...snapshot, merged: hidden }),
    'plan/id-loss': hideMergeBase,
    'plan/base-moved': (snapshot, hidden) => ({ ...snapshot, plans: { ...snapshot.plans, base: hidden } }),
    'plan/overlap': (snapshot, hidden) => ({ ...snapshot, open: hidden }),
    'plan/stale': (snapshot, hidden) => ({ ...snapshot, planChangedAt: hidden }),
    'agents/rules-in-sync': (snapshot, hidden) => ({ ...snapshot, agentRules: hidden }),
  }

function hideHead(snapshot: Snapshot, hidden: ReturnType<typeof failedToSee<never>>): Snapshot {
  return { ...snapshot, plans: { ...snapshot.plans, head: hidden } }
}

function hideMergeBase(snapshot: Snapshot, hidden: ReturnType<typeof failedToSee<never>>): Snapshot {
  return { ...snapshot, plans: { ...snapshot.plans, mergeBase: hidden } }
}

describe.each(RULE_IDS)('%s', (id) => {
  const canary = canarySnapshot(id, config)

  it('passes a healthy change', () => {
    expect(verdictOf(id, healthy)).toMatchObject({ status: 'pass', remedy: null })
  })

  it('fails its canary with a sentence, a place and a remedy', () => {
    const [message, kind, where] = FAILS[id]
    const verdict = verdictOf(id, canary)
    expect(verdict).toMatchObject({ status: 'fail', message, remedy: { kind } })
    const [place] = verdict.where
    expect(place ? `${place.path}:${place.line}` : null).toBe(where)
    expect(verdict.remedy?.who).not.toBe('')
  })

  it('skips what its world never sees, and cannot tell what failed to be read', () => {
    expect(verdictOf(id, NEEDS[id](canary, notVisibleHere('nobody sees this here')))).toMatchObject({
      status: 'skip',
      message: 'nobody sees this here',
    })
    expect(verdictOf(id, NEEDS[id](canary, failedToSee('GitHub did not answer')))).toMatchObject({
      status: 'unknown',
      message: 'GitHub did not answer',
    })
  })

  it('is turned by a fix of its own, or by a waiver', () => {
    const rule = RULES.find((candidate) => candidate.id === id)
    const [fix] = rule?.fixes?.(new View(canary, config)) ?? []
    const verdict = evaluate(
      fix ? fix.apply(canary) : canary,
      config,
      RULES.filter((candidate) => candidate.id === id),
    )
    if (fix) expect(verdict.rules[0]?.status).toBe('pass')
    else
      expect(verdict).toMatchObject({
        pathReachesGreen: true,
        shortestPath: [{ text: expect.stringContaining(`/devloop override ${id}`) }],
      })
  })

  it('has a shortest path from its canary to green', () => {
    const verdict = evaluate(canary, config)
    expect(verdict.conclusion).toBe('failure')
    expect(verdict.pathReachesGreen).toBe(true)
    expect(verdict.shortestPath.length).toBeGreaterThan(0)
  })
})
