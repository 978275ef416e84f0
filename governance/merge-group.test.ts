import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../config/resolved-config.ts'
import { evaluate } from './evaluate.ts'
import { HEAD_SHA, healthySnapshot, planSide } from './healthy-snapshot.ts'
import { type GroupMember, notVisibleHere, type Snapshot, seen } from './snapshot.ts'

const config = defaultConfig()
const PATH = 'DEV_MAN/active/plan_v1.0.md'

const PLAN = `# Shop — Plan v1.0 (2026-11-01)

## Phase 1 – Cart

- [x] T-1 Show the catalogue {paths: src/catalog/**}
- [ ] T-2 Put things into the cart {paths: src/cart/**}
- [ ] T-3 Check out {paths: src/checkout/**}

## Phase 2 – Delivery

- [ ] T-4 Print the label {paths: src/label/**}
`

function member(
  number: number,
  tasks: readonly string[],
  conclusion: GroupMember['conclusion'] = 'success',
): GroupMember {
  return { number, headSha: String(number % 10).repeat(40), headRef: `phase-1/${number}`, tasks, conclusion }
}

/** A merge group whose merged tree holds this plan. */
function group(plan: string, path: string, members: readonly GroupMember[], files: readonly string[]): Snapshot {
  const healthy = healthySnapshot(config)
  const hidden = notVisibleHere<never>('a merge group has no reviews of its own')
  const base = seen(planSide({ [PATH]: PLAN }, 'b'.repeat(40)))
  return {
    ...healthy,
    change: {
      ...healthy.change,
      kind: 'merge-group',
      number: null,
      headRef: seen('gh-readonly-queue/dev/pr-8'),
      members,
      body: notVisibleHere('a merge group has no body'),
    },
    files: seen([...files, path].map((file) => ({ path: file, status: 'modified' as const }))),
    plans: { base, mergeBase: base, head: seen(planSide({ [path]: plan }, HEAD_SHA)) },
    reviews: hidden,
    commits: hidden,
    pushers: hidden,
  }
}

function holding(snapshot: Snapshot) {
  const verdict = evaluate(snapshot, config)
  return {
    conclusion: verdict.conclusion,
    red: verdict.rules
      .filter((rule) => rule.level === 'block' && ['fail', 'unknown'].includes(rule.status))
      .map((rule) => `${rule.id}: ${rule.message}`),
  }
}

const FILES = ['src/cart/add.ts', 'src/checkout/pay.ts']

describe('a merge group', () => {
  it('is green when its merged tree keeps the rules', () => {
    const plan = PLAN.replace('- [ ] T-2', '- [x] T-2')
    expect(holding(group(plan, PATH, [member(7, ['T-2'])], ['src/cart/add.ts']))).toEqual({
      conclusion: 'success',
      red: [],
    })
  })

  it('catches two pull requests that together close the last task of a phase', () => {
    const merged = PLAN.replace('- [ ] T-2', '- [x] T-2').replace('- [ ] T-3', '- [x] T-3')
    const alone = ['T-2', 'T-3'].map((id, index) => {
      const healthy = healthySnapshot(config)
      const files = seen([{ path: FILES[index] ?? '', status: 'modified' as const }])
      const base = seen(planSide({ [PATH]: PLAN }, 'b'.repeat(40)))
      const head = seen(planSide({ [PATH]: PLAN.replace(`- [ ] ${id}`, `- [x] ${id}`) }, HEAD_SHA))
      return {
        ...healthy,
        files,
        change: { ...healthy.change, body: seen(`Plan: ${id}`) },
        plans: { base, mergeBase: base, head },
      }
    })
    expect(alone.map((snapshot) => holding(snapshot).conclusion)).toEqual(['success', 'success'])
    expect(holding(group(merged, PATH, [member(7, ['T-2']), member(8, ['T-3'])], FILES))).toEqual({
      conclusion: 'failure',
      red: [
        'plan/phase-bump: Phase 1 closes, but the version is v1.0 → v1.0; closing a phase raises the minor version',
      ],
    })
  })

  it('catches two phases that close under one minor version', () => {
    const merged = PLAN.replaceAll('- [ ]', '- [x]').replace('v1.0', 'v1.1')
    const members = [member(7, ['T-2', 'T-3']), member(8, ['T-4'])]
    expect(
      holding(group(merged, 'DEV_MAN/active/plan_v1.1.md', members, [...FILES, 'src/label/print.ts'])).red,
    ).toEqual(['plan/phase-bump: Phase 1 and Phase 2 close in one step; each needs a minor version of its own'])
  })

  it('catches two bumps that left two plans in the merged tree', () => {
    const snapshot = group(PLAN, PATH, [member(7, ['T-2']), member(8, ['T-3'])], FILES)
    const head = seen(
      planSide({ [PATH]: PLAN, 'DEV_MAN/active/plan_v1.0.1.md': PLAN.replace('v1.0', 'v1.0.1') }, HEAD_SHA),
    )
    expect(holding({ ...snapshot, plans: { ...snapshot.plans, head } }).red[0]).toBe(
      'plan/one-active: DEV_MAN/active/ holds 2 plans, but must hold exactly one: plan_v1.0.md, plan_v1.0.1.md',
    )
  })

  it.each([
    ['failed', 'failure' as const, 'not green by itself: #8 (failure at 8888888)'],
    ['was never judged', null, 'not green by itself: #8 (no verdict at 8888888)'],
  ])('is not waved through when a member %s', (_, conclusion, message) => {
    const snapshot = group(PLAN, PATH, [member(7, ['T-2']), member(8, ['T-3'], conclusion)], FILES)
    expect(holding(snapshot).red).toEqual([`review/approved: ${message}`])
  })
})
