import { describe, expect, it } from 'vitest'
import { branchKind, featureName } from './branch-names.ts'
import { citedTaskIds, closedIssues } from './citations.ts'

describe('citedTaskIds', () => {
  it.each([
    ['Plan: T-101, T-102', 'x', ['T-101', 'T-102']],
    ['text\n\n  plan: t-7', 'x', ['T-7']],
    ['Plan: T-1\r\nPlan: T-2\r\n', 'x', ['T-1', 'T-2']],
    ['', 'phase-1/T-3-cart', ['T-3']],
    ['', 'phase-1/t-3_cart', ['T-3']],
    ['This is for T-9 and the plan: none', 'x', []],
    ['```\nPlan: T-1\n```', 'x', []],
    ['```\nPlan: T-1\n', 'x', []],
    ['`Plan: T-1`', 'x', []],
    ['> Plan: T-1', 'x', []],
    ['<!-- Plan: T-1 -->', 'x', []],
    ['Plan: T-1.2', 'x', ['T-1.2']],
    ['Plan: RT-1 T-1x', 'x', []],
    ['Plan: T-2, T-2', 'T-2', ['T-2']],
  ])('reads %j on the branch %s', (body, branch, ids) => {
    expect(citedTaskIds(body, branch)).toEqual(ids)
  })

  it.each([
    ['Closes #12 and fixes org/repo#13', [12, 13]],
    ['see #12', []],
    ['`closes #12`', []],
  ])('reads closed issues from %j', (body, issues) => {
    expect(closedIssues(body)).toEqual(issues)
  })
})

describe('branchKind', () => {
  const branches = {
    main: 'main',
    staging: 'dev',
    feature: 'phase-{phase}/{slug}',
    exempt: ['dependabot/**', 'release/**'],
  }

  it.each([
    ['main', false, { kind: 'main' }],
    ['dev', false, { kind: 'staging' }],
    ['main', true, { kind: 'unnamed' }],
    ['phase-12/T-1-cart', false, { kind: 'feature', phase: 12, slug: 'T-1-cart' }],
    ['phase-x/cart', false, { kind: 'unnamed' }],
    ['phase-1/', false, { kind: 'unnamed' }],
    ['phase-1/a/b', true, { kind: 'feature', phase: 1, slug: 'a/b' }],
    ['dependabot/npm/x', false, { kind: 'exempt', pattern: 'dependabot/**' }],
    ['phase-1/ü "quoted"', false, { kind: 'unnamed' }],
    ['../etc', false, { kind: 'unnamed' }],
  ])('knows %s (fork: %s)', (name, fork, kind) => {
    expect(branchKind(name, branches, fork)).toEqual(kind)
  })

  it('takes the pattern literally but for its two places', () => {
    expect(branchKind('feat.7+cart', { ...branches, feature: 'feat.{phase}+{slug}' }, false)).toEqual({
      kind: 'feature',
      phase: 7,
      slug: 'cart',
    })
    expect(branchKind('featX7+cart', { ...branches, feature: 'feat.{phase}+{slug}' }, false)).toEqual({
      kind: 'unnamed',
    })
    expect(branchKind('work/cart', { ...branches, feature: 'work/{slug}' }, false)).toEqual({
      kind: 'feature',
      phase: null,
      slug: 'cart',
    })
    expect(featureName('phase-{phase}/{slug}', 3, 'cart')).toBe('phase-3/cart')
  })
})
