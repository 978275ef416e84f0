import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../config/resolved-config.ts'
import { RULE_IDS } from '../config/rule-ids.ts'
import { canarySnapshot } from './canaries.ts'
import { evaluate } from './evaluate.ts'
import { healthySnapshot, person } from './healthy-snapshot.ts'
import { RULES } from './rules/index.ts'
import { serializeSnapshot } from './snapshot-hash.ts'
import { type Part, type Snapshot, type SnapshotCheck, type SnapshotReview, seen, snapshotSchema } from './snapshot.ts'

const config = defaultConfig()
const READS_REVIEWS = RULES.filter((rule) => rule.reads.includes('reviews'))
const SLICE = RULES.filter((rule) => ['checks/green', 'plan/scope'].includes(rule.id))
/** The same rules, none of which holds anything: no way to green is looked for. */
const logging = {
  ...config,
  governance: {
    ...config.governance,
    rules: Object.fromEntries(RULE_IDS.map((id) => [id, 'warn'])) as typeof config.governance.rules,
  },
}
const RUNS = { numRuns: 1000 }
const healthy = healthySnapshot(config)
const bases: readonly Snapshot[] = [healthy, ...RULE_IDS.map((id) => canarySnapshot(id, config))]
const anySnapshot = fc.constantFrom(...bases)
const PERMISSION = { ada: 'write', bo: 'admin', cy: null } as const

// A permission is a fact about a person at the moment of the snapshot, so it is the same in all of their reviews.
const anyReview: fc.Arbitrary<SnapshotReview> = fc
  .record({
    id: fc.nat(50),
    login: fc.constantFrom('ada', 'bo', 'cy', 'copilot[bot]', 'devloop[bot]', 'BO'),
    state: fc.constantFrom('APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED'),
    commitSha: fc.constantFrom('a'.repeat(40), 'b'.repeat(40)),
    second: fc.nat(3600),
  })
  .map(({ login, second, ...review }) => ({
    ...review,
    reviewer: person(login),
    submittedAt: new Date(Date.UTC(2026, 10, 21, 10) + second * 1000).toISOString(),
    permission: new Map<string, 'write' | 'admin' | null>(Object.entries(PERMISSION)).get(login.toLowerCase()) ?? null,
  }))

const LISTS = [
  'files',
  'commits',
  'pushers',
  'launchers',
  'reviews',
  'agentReviews',
  'checks',
  'merged',
  'open',
  'directPushes',
  'waivers',
  'agentRules',
] as const

/** The same facts in another order, some of them told twice. */
function retold(snapshot: Snapshot, seed: number): Snapshot {
  let state = seed
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % below
  }
  const shuffle = <T>(items: readonly T[]): T[] => {
    const all = [...items, ...items.filter(() => next(2) === 0)]
    for (let index = all.length - 1; index > 0; index--) {
      const other = next(index + 1)
      const [a, b] = [all[index], all[other]]
      if (a !== undefined && b !== undefined) [all[index], all[other]] = [b, a]
    }
    return all
  }
  const changed = LISTS.map((key) => {
    const part: Part<readonly unknown[]> = snapshot[key]
    return [key, 'seen' in part ? seen(shuffle(part.seen)) : part] as const
  })
  return snapshotSchema.parse({ ...snapshot, ...Object.fromEntries(changed) })
}

describe('evaluate', () => {
  it('does not care about the order of facts, nor how often they are told', () => {
    fc.assert(
      fc.property(anySnapshot, fc.array(anyReview, { maxLength: 6 }), fc.nat(1_000_000), (base, reviews, seed) => {
        // Two different decisions of one reviewer under one id and moment are no facts: GitHub's ids are unique.
        const unique = [...new Map(reviews.map((review) => [review.id, review])).values()]
        const snapshot = { ...base, reviews: seen(unique) }
        expect(evaluate(retold(snapshot, seed), config)).toEqual(evaluate(snapshot, config))
      }),
      RUNS,
    )
  })

  it('says the same about a snapshot that was stored and read again', () => {
    fc.assert(
      fc.property(anySnapshot, fc.array(anyReview, { maxLength: 4 }), (base, reviews) => {
        const snapshot = { ...base, reviews: seen(reviews) }
        const stored = snapshotSchema.parse(JSON.parse(serializeSnapshot(snapshot)))
        const first = evaluate(snapshot, config)
        expect(JSON.stringify(evaluate(stored, config))).toBe(JSON.stringify(first))
        expect(JSON.stringify(evaluate(snapshot, config))).toBe(JSON.stringify(first))
      }),
      RUNS,
    )
  })

  it('never turns from green to red, nor a rule from pass to fail, by one more approval', () => {
    fc.assert(
      fc.property(
        anySnapshot,
        fc.array(anyReview, { maxLength: 5 }),
        anyReview,
        fc.integer({ min: 0, max: 3 }),
        (base, reviews, more, approvals) => {
          const policy = {
            ...config,
            governance: { ...config.governance, reviews: { ...config.governance.reviews, approvals } },
          }
          const approval = {
            ...more,
            id: 99,
            state: 'APPROVED' as const,
            commitSha: base.change.headSha,
            submittedAt: base.now,
          }
          const before = evaluate({ ...base, reviews: seen(reviews) }, policy, READS_REVIEWS)
          const after = evaluate({ ...base, reviews: seen([...reviews, approval]) }, policy, READS_REVIEWS)
          if (before.conclusion === 'success') expect(after.conclusion).toBe('success')
          for (const [index, rule] of before.rules.entries()) {
            if (rule.status === 'pass') expect([rule.id, after.rules[index]?.status]).toEqual([rule.id, 'pass'])
          }
        },
      ),
      RUNS,
    )
  })

  it('says the same of a renamed file and of one that was removed and one that was added', () => {
    const anyPath = fc.constantFrom(
      'src/cart/a.ts',
      'src/b.ts',
      'docs/x.md',
      'DEV_MAN/active/plan_v0.1.md',
      'DEV_MAN/completed/plan_v0.0.md',
      'AGENTS.md',
      '.github/devloop.yml',
    )
    const anyFile = fc.record({ path: anyPath, previousPath: fc.option(anyPath, { nil: undefined }) })
    fc.assert(
      fc.property(anySnapshot, fc.array(anyFile, { maxLength: 8 }), (base, files) => {
        const paged = files.map(({ path, previousPath }) =>
          previousPath === undefined
            ? { path, status: 'modified' as const }
            : { path, previousPath, status: 'renamed' as const },
        )
        const fromTrees = files
          .flatMap(({ path, previousPath }) => [
            { path, status: 'added' as const },
            ...(previousPath === undefined ? [] : [{ path: previousPath, status: 'removed' as const }]),
          ])
          .reverse()
        const said = (told: Snapshot['files']) => ({
          ...evaluate({ ...base, files: told }, config),
          snapshotHash: 'of the facts, which are told otherwise',
        })
        expect(said(seen(fromTrees))).toEqual(said(seen(paged)))
      }),
      { numRuns: 300 },
    )
  })

  it('loses nothing at the borders of pages (100, 250, 3,000)', () => {
    const files = Array.from({ length: 3001 }, (_, index) => ({
      path: `src/cart/${index}.ts`,
      status: 'added' as const,
    }))
    const checks = files.map((_, id) => greenCheck(id))
    const border = fc.oneof(
      { weight: 85, arbitrary: fc.constant(100) },
      { weight: 12, arbitrary: fc.constant(250) },
      { weight: 3, arbitrary: fc.constant(3000) },
    )
    fc.assert(
      fc.property(border, fc.integer({ min: -1, max: 1 }), fc.nat(), (page, off, seed) => {
        const count = page + off
        const at = seed % count
        const some = files.slice(0, count).with(at, { path: 'src/elsewhere.ts', status: 'added' })
        const others = checks.slice(0, count).with(at, { ...greenCheck(at), conclusion: 'failure' })
        const verdict = evaluate({ ...healthy, files: seen(some), checks: seen(others) }, logging, SLICE)
        const said = verdict.rules.map((rule) => rule.message)
        expect(said).toEqual([
          `not green: check-${at}: failure`,
          `1 of ${count} changed files lies outside the paths of T-2: src/elsewhere.ts`,
        ])
      }),
      RUNS,
    )
  })
})

function greenCheck(id: number): SnapshotCheck {
  return {
    kind: 'check-run',
    id,
    name: `check-${id}`,
    app: 'ci',
    own: false,
    status: 'completed',
    conclusion: 'success',
  }
}
