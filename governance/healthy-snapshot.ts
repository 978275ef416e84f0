import type { ResolvedConfig } from '../config/resolved-config.ts'
import { AGENT_RULE_PATHS, applyAgentRules } from './agent-rules.ts'
import { sha256 } from './canonical-json.ts'
import { indexArchivedPlan } from './plan/archive.ts'
import { type PlanSide, type Principal, type Snapshot, seen } from './snapshot.ts'

const PLAN = `# Shop — Plan v1.0 (2026-11-01)

## Phase 1 – Cart

- [x] T-1 Show the catalogue {paths: src/catalog/**} (#3)
- [ ] T-2 Put things into the cart {paths: src/cart/**}
- [ ] T-3 Check out {paths: src/checkout/**}

## Phase 2 – Delivery

- [ ] T-4 Print the label {paths: src/label/**; depends: T-3}
`

const ARCHIVED = `# Shop — Plan v0.3 (2026-10-01)

## Phase 1 – Begin

- [x] T-0 Begin {paths: src/**} (#1)
`

const PLAN_PATH = 'DEV_MAN/active/plan_v1.0.md'
const ARCHIVE_PATH = 'DEV_MAN/completed/plan_v0.3.md'
export const HEAD_SHA = 'a'.repeat(40)

/**
 * A pull request that keeps every rule: ada puts things into the cart, ticks T-2, bo approved it, the checks are green. Canaries are this
 * with one thing wrong.
 */
export function healthySnapshot(config: ResolvedConfig): Snapshot {
  const before = planSide({ [PLAN_PATH]: PLAN, [ARCHIVE_PATH]: ARCHIVED }, 'c'.repeat(40))
  const after = planSide({ [PLAN_PATH]: PLAN.replace('- [ ] T-2', '- [x] T-2'), [ARCHIVE_PATH]: ARCHIVED }, HEAD_SHA)
  return {
    schemaVersion: 1,
    world: 'github',
    repository: 'acme/shop',
    now: '2026-11-21T12:00:00Z',
    appLogin: 'devloop[bot]',
    change: {
      kind: 'pull-request',
      number: 7,
      headRef: seen('phase-1/cart'),
      baseRef: 'dev',
      headSha: HEAD_SHA,
      baseSha: 'b'.repeat(40),
      mergeBaseSha: 'c'.repeat(40),
      draft: false,
      fromFork: false,
      title: 'Put things into the cart',
      body: seen('Adds the cart.\n\nPlan: T-2\n'),
      author: seen(person('ada')),
      labels: seen([]),
      members: [],
    },
    files: seen([
      { path: 'src/cart/add.ts', status: 'added' },
      { path: PLAN_PATH, status: 'modified' },
    ]),
    existingBranches: seen(['main', 'dev']),
    plans: { base: seen({ ...before, sha: 'b'.repeat(40) }), mergeBase: seen(before), head: seen(after) },
    planChangedAt: seen('2026-11-15T09:00:00Z'),
    commits: seen([{ sha: HEAD_SHA, author: person('ada'), committer: person('web-flow'), coAuthors: [] }]),
    pushers: seen([person('ada')]),
    launchers: seen([]),
    reviews: seen([
      {
        id: 1,
        reviewer: person('bo'),
        state: 'APPROVED',
        commitSha: HEAD_SHA,
        submittedAt: '2026-11-21T11:00:00Z',
        permission: 'write',
      },
    ]),
    agentReviews: seen([]),
    teams: seen({}),
    checks: seen([
      {
        kind: 'check-run',
        id: 11,
        name: 'test',
        app: 'github-actions',
        own: false,
        status: 'completed',
        conclusion: 'success',
      },
      {
        kind: 'check-run',
        id: 12,
        name: 'devloop/governance',
        app: 'devloop',
        own: true,
        status: 'completed',
        conclusion: 'failure',
      },
    ]),
    merged: seen([
      { ref: '#3', mergedAt: '2026-11-10T10:00:00Z', tasks: ['T-1'], paths: ['src/catalog/list.ts'], revertedBy: null },
    ]),
    open: seen([{ number: 8, headRef: 'phase-1/checkout', baseRef: 'dev', draft: false, tasks: ['T-3'], paths: null }]),
    directPushes: seen([]),
    waivers: seen([]),
    agentRules: seen(AGENT_RULE_PATHS.map((path) => ({ path, text: applyAgentRules(path, null, config) }))),
    policyAtHead: seen(null),
  }
}

export function person(login: string): Principal {
  return { login, type: 'User', email: null }
}

/** A planning folder that holds these files. */
export function planSide(texts: Readonly<Record<string, string>>, sha: string): PlanSide {
  const tree = Object.entries(texts).map(([path, text]) => ({
    path,
    mode: '100644',
    blobSha: sha256(text).slice(0, 40),
  }))
  const isArchived = (path: string) => path.includes('/completed/')
  return {
    sha,
    tree,
    texts: Object.fromEntries(Object.entries(texts).filter(([path]) => !isArchived(path))),
    archive: tree
      .filter(({ path }) => isArchived(path))
      .map((entry) => indexArchivedPlan({ ...entry, text: texts[entry.path] ?? null })),
  }
}

/** The snapshot with another text of the active plan at head, or under another name. */
export function withHeadPlan(snapshot: Snapshot, change: (text: string) => string, path = PLAN_PATH): Snapshot {
  const { head } = snapshot.plans
  if ('unseen' in head) return snapshot
  const rest = Object.fromEntries(Object.entries(head.seen.texts).filter(([other]) => other !== PLAN_PATH))
  const side = planSide({ ...rest, [path]: change(head.seen.texts[PLAN_PATH] ?? '') }, head.seen.sha)
  const kept = head.seen.tree.filter((entry) => entry.path.includes('/completed/'))
  return {
    ...snapshot,
    plans: { ...snapshot.plans, head: seen({ ...side, tree: [...side.tree, ...kept], archive: head.seen.archive }) },
  }
}
