import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import { RULE_IDS, type RuleId } from '../config/rule-ids.ts'
import { evaluate } from './evaluate.ts'
import { healthySnapshot, person, planSide, withHeadPlan } from './healthy-snapshot.ts'
import type { Rule } from './rule.ts'
import { RULES } from './rules/index.ts'
import { type PlanSide, type Snapshot, seen } from './snapshot.ts'
import { isHolding, type RuleStatus } from './verdict.ts'
import { withFile, withoutFile } from './what-if.ts'

export interface DeadCanary {
  readonly rule: RuleId
  /** What the rule said about a snapshot that breaks it; null when the rule is not there any more. */
  readonly said: RuleStatus | null
  readonly message: string
}

/** Breaks one rule each. */
const BREAK: Readonly<Record<RuleId, (healthy: Snapshot) => Snapshot>> = {
  'branch/name': (healthy) => withChange(healthy, { headRef: seen('quick fix') }),
  'branch/target': (healthy) => withChange(healthy, { baseRef: 'main' }),
  'branch/direct-push': (healthy) => ({
    ...healthy,
    directPushes: seen([
      { sha: 'd'.repeat(40), branch: 'dev', pushedBy: 'eve', pushedAt: '2026-11-20T10:00:00Z', tasks: [] },
    ]),
  }),
  'review/approved': (healthy) => ({ ...healthy, reviews: seen([]) }),
  'review/independent': (healthy) => approvedBy(healthy, 'ada'),
  'checks/green': (healthy) => ({
    ...healthy,
    checks: seen([
      {
        kind: 'check-run',
        id: 13,
        name: 'test',
        app: 'github-actions',
        own: false,
        status: 'completed',
        conclusion: 'failure',
      },
    ]),
  }),
  'plan/one-active': (healthy) =>
    withHead(healthy, (side) => withFile(side, 'DEV_MAN/active/plan_v2.0.md', '# Other — Plan v2.0\n')),
  'plan/name-version': (healthy) => withHeadPlan(healthy, (text) => text.replace('Plan v1.0', 'Plan v1.4')),
  'plan/ghost': (healthy) =>
    withHead(healthy, (side) =>
      withFile(side, 'DEV_MAN/completed/plan_v1.0.md', side.texts['DEV_MAN/active/plan_v1.0.md'] ?? ''),
    ),
  'plan/archive-frozen': (healthy) => withHead(healthy, (side) => withoutFile(side, 'DEV_MAN/completed/plan_v0.3.md')),
  'plan/archive-open': (healthy) =>
    withHead(healthy, (side) =>
      withFile(side, 'DEV_MAN/completed/plan_v0.4.md', '# Plan v0.4\n\n## Phase 1\n\n- [ ] T-0 Begin\n'),
    ),
  'plan/silent-edit': (healthy) => withHeadPlan(healthy, (text) => text.replace('Check out', 'Check out and pay')),
  'plan/phase-bump': (healthy) => earnAll(withHeadPlan(healthy, (text) => text.replace('- [ ] T-3', '- [x] T-3'))),
  'plan/approved-edit': (healthy) =>
    withHeadPlan(
      healthy,
      (text) => text.replace('Check out', 'Check out and pay').replace('v1.0', 'v1.0.1'),
      'DEV_MAN/active/plan_v1.0.1.md',
    ),
  'plan/branch-phase': (healthy) => withChange(healthy, { headRef: seen('phase-2/cart') }),
  'plan/task-ref': (healthy) => withChange(healthy, { body: seen('Adds the cart.\n\nPlan: T-99\n') }),
  'plan/scope': (healthy) => ({
    ...healthy,
    files: seen([
      { path: 'src/cart/add.ts', status: 'added' },
      { path: 'src/elsewhere.ts', status: 'added' },
    ]),
  }),
  'plan/phantom-tick': (healthy) => ({ ...healthy, files: seen([{ path: 'README.md', status: 'modified' }]) }),
  'plan/missing-tick': (healthy) => ({
    ...healthy,
    merged: seen([
      { ref: '#4', mergedAt: '2026-10-01T10:00:00Z', tasks: ['T-3'], paths: ['src/checkout/pay.ts'], revertedBy: null },
    ]),
  }),
  'plan/revert-tick': (healthy) => ({
    ...healthy,
    merged: seen([
      {
        ref: '#3',
        mergedAt: '2026-11-10T10:00:00Z',
        tasks: ['T-1'],
        paths: ['src/catalog/list.ts'],
        revertedBy: { ref: '#5', mergedAt: '2026-11-12T10:00:00Z' },
      },
    ]),
  }),
  'plan/id-loss': (healthy) => withHeadPlan(healthy, (text) => text.replace(/- \[ \] T-4.*\n/u, '')),
  'plan/base-moved': (healthy) => ({
    ...healthy,
    plans: {
      ...healthy.plans,
      base: editedSide(healthy, 'Put things into the cart', 'Put things into the cart and keep them'),
    },
  }),
  'plan/overlap': (healthy) => ({
    ...healthy,
    open: seen([{ number: 8, headRef: 'phase-1/other', baseRef: 'dev', draft: false, tasks: ['T-2'], paths: null }]),
  }),
  'plan/stale': (healthy) => ({
    ...healthy,
    plans: { ...healthy.plans, head: healthy.plans.mergeBase },
    planChangedAt: seen('2026-10-01T09:00:00Z'),
  }),
  'agents/rules-in-sync': (healthy) => ({
    ...healthy,
    agentRules: seen([{ path: 'AGENTS.md', text: '# Do as you like\n' }]),
  }),
}

/** A snapshot that this rule must fail. */
export function canarySnapshot(rule: RuleId, config: ResolvedConfig = defaultConfig()): Snapshot {
  return BREAK[rule](healthySnapshot(config))
}

/**
 * Runs a known-bad snapshot through each rule and names the rules that let it pass. `rules` is the live set; levels are the defaults with
 * everything raised to `block`, because a canary asks whether the rule still sees, not what a repository chose.
 */
export function findDeadCanaries(rules: readonly Rule[] = RULES): readonly DeadCanary[] {
  const defaults = defaultConfig()
  const all = Object.fromEntries(RULE_IDS.map((id) => [id, 'block'])) as ResolvedConfig['governance']['rules']
  const config = { ...defaults, governance: { ...defaults.governance, rules: all } }
  return RULE_IDS.flatMap((id) => {
    const rule = rules.filter((candidate) => candidate.id === id)
    const [verdict] = evaluate(canarySnapshot(id, config), config, rule).rules
    if (verdict?.status === 'fail' && isHolding(verdict)) return []
    return [{ rule: id, said: verdict?.status ?? null, message: verdict?.message ?? 'the rule is not in the rule set' }]
  })
}

function withChange(snapshot: Snapshot, change: Partial<Snapshot['change']>): Snapshot {
  return { ...snapshot, change: { ...snapshot.change, ...change } }
}

function withHead(snapshot: Snapshot, change: (side: PlanSide) => PlanSide): Snapshot {
  const { head } = snapshot.plans
  return 'unseen' in head ? snapshot : { ...snapshot, plans: { ...snapshot.plans, head: seen(change(head.seen)) } }
}

function approvedBy(snapshot: Snapshot, login: string): Snapshot {
  return {
    ...snapshot,
    reviews: seen([
      {
        id: 1,
        reviewer: person(login),
        state: 'APPROVED',
        commitSha: snapshot.change.headSha,
        submittedAt: snapshot.now,
        permission: 'write',
      },
    ]),
  }
}

/** Every tick is earned, so that only the version is wrong. */
function earnAll(snapshot: Snapshot): Snapshot {
  const merged = 'seen' in snapshot.merged ? snapshot.merged.seen : []
  const more = {
    ref: '#6',
    mergedAt: '2026-11-20T10:00:00Z',
    tasks: ['T-3'],
    paths: ['src/checkout/pay.ts'],
    revertedBy: null,
  }
  return { ...snapshot, merged: seen([...merged, more]) }
}

function editedSide(snapshot: Snapshot, from: string, to: string): Snapshot['plans']['base'] {
  const { base } = snapshot.plans
  if ('unseen' in base) return base
  const texts = Object.fromEntries(
    Object.entries(base.seen.texts).map(([path, text]) => [path, text.replace(from, to)]),
  )
  return seen({ ...planSide(texts, base.seen.sha), archive: base.seen.archive })
}
