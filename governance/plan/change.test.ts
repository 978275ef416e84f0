import { describe, expect, it } from 'vitest'
import { bumpPlan, suggestStep } from './bump.ts'
import { completePlan } from './complete.ts'
import { diffPlans } from './diff.ts'
import { editPlan } from './edit.ts'
import { hashPlan } from './hash.ts'
import { parsePlan } from './parse.ts'
import { formatVersion } from './version.ts'

const PATH = 'DEV_MAN/active/plan_v0.1.md'
const TEXT = `---
version: "0.1"
updated: 2026-01-01
owners: ['@ada']
---

# Shop — Plan v0.1 (2026-01-01)

_Last updated: 2026-01-01_

## Phase 1 – Cart ⏳

Some prose about it.

- [x] T-1 Show it {paths: src/catalog/**} (#3)
- [ ] T-2 Put things in {paths: src/cart/**}

## Phase 2 – Delivery ⬜

- [ ] T-3 Print {depends: T-2}
- [ ] a box without an id
`
const plan = parsePlan(TEXT, PATH)

function edited(from: string, to: string) {
  expect(TEXT).toContain(from)
  return parsePlan(TEXT.replace(from, to), PATH)
}

describe('hashPlan', () => {
  it.each([
    ['a tick', '- [ ] T-2', '- [x] T-2'],
    ['a tick of a box without an id', '- [ ] a box', '- [X] a box'],
    ['evidence', '{paths: src/cart/**}', '{paths: src/cart/**} ([#9](https://github.com/a/b/pull/9))'],
    ['an evidence sub-item', '{depends: T-2}', '{depends: T-2}\n  - Evidence: https://ci/1'],
    ['the version', 'version: "0.1"', 'version: "0.2"'],
    ['the version in the title', 'Plan v0.1', 'Plan v0.2'],
    ['the date in front', 'updated: 2026-01-01', 'updated: 2026-02-02'],
    ['the date in the title', '(2026-01-01)', '(2026-02-02)'],
    ['the date in prose', 'updated: 2026-01-01_', 'updated: 2026-02-02_'],
    ['a state mark', 'Cart ⏳', 'Cart ✅'],
    ['white space', 'Some prose about it.', 'Some   prose\nabout it.\n'],
    [
      'a trailing mark',
      '- [ ] T-2 Put things in {paths: src/cart/**}',
      '- [x] T-2 Put things in {paths: src/cart/**} ✅',
    ],
  ])('does not count %s', (_, from, to) => {
    expect(hashPlan(edited(from, to))).toBe(hashPlan(plan))
  })

  it.each([
    ['the text of a task', 'Put things in', 'Put more things in'],
    ['the paths of a task', 'src/cart/**', 'src/**'],
    ['a dependency', 'depends: T-2', 'depends: T-1'],
    ['an id', 'T-2 Put', 'T-4 Put'],
    ['prose', 'Some prose', 'Some other prose'],
    ['the title of a phase', 'Phase 2 – Delivery', 'Phase 2 – Sending'],
    ['a deferral', '{depends: T-2}', '{depends: T-2; deferred: no printer}'],
    ['an owner', "['@ada']", "['@eve']"],
    ['a moved task', '\n## Phase 2 – Delivery ⬜\n\n- [ ] T-3', '- [ ] T-3'],
  ])('counts %s', (_, from, to) => {
    expect(hashPlan(edited(from, to))).not.toBe(hashPlan(plan))
  })
})

describe('diffPlans', () => {
  it('finds nothing between a plan and itself', () => {
    const diff = diffPlans(plan, parsePlan(TEXT, PATH))
    expect(diff).toMatchObject({
      ticks: [],
      edits: [],
      moves: [],
      added: [],
      removed: [],
      renumbered: [],
      proseChanged: false,
      contentChanged: false,
    })
  })

  it('tells ticks, edits, moves, additions, removals and new numbers apart', () => {
    const after = parsePlan(
      TEXT.replace(
        '- [ ] T-2 Put things in {paths: src/cart/**}',
        '- [x] T-2 Put all in {paths: src/cart/**, lib/**}\n- [ ] T-9 Print {depends: T-2}\n- ~~T-3~~ → T-9\n- [ ] T-10 New',
      )
        .replace('- [ ] T-3 Print {depends: T-2}\n', '- [x] T-1 Show it {paths: src/catalog/**}\n')
        .replace('- [x] T-1 Show it {paths: src/catalog/**} (#3)\n', '')
        .replace('- [ ] a box without an id\n', ''),
      PATH,
    )
    const diff = diffPlans(plan, after)
    expect(diff.ticks.map(({ task, done }) => [task.id, done])).toEqual([['T-2', true]])
    expect(diff.edits).toEqual([
      { id: 'T-2', field: 'text', from: 'Put things in', to: 'Put all in' },
      { id: 'T-2', field: 'scope', from: '{paths: src/cart/**}', to: '{paths: src/cart/**, lib/**}' },
    ])
    expect(diff.moves).toEqual([{ id: 'T-1', from: 1, to: 2 }])
    expect(diff.added.map((task) => task.id)).toEqual(['T-10'])
    expect(diff.removed.map(({ task }) => task.text)).toEqual(['a box without an id'])
    expect(diff.renumbered).toMatchObject([{ from: 'T-3', to: 'T-9', tombstone: { movedTo: 'T-9' } }])
    expect(diff.phases).toMatchObject({ added: [], removed: [], renamed: [], closed: [{ number: 2 }] })
    expect(diff).toMatchObject({ contentChanged: true })
  })

  it('knows prose from tasks', () => {
    expect(diffPlans(plan, edited('Some prose', 'Other prose'))).toMatchObject({ proseChanged: true, edits: [] })
    expect(diffPlans(plan, edited('Put things', 'Put more'))).toMatchObject({
      proseChanged: false,
      contentChanged: true,
    })
  })

  it('sees a removed task with the reason its tombstone gives', () => {
    const diff = diffPlans(
      plan,
      edited('- [ ] T-2 Put things in {paths: src/cart/**}', '- ~~T-2~~ (removed: nobody buys)'),
    )
    expect(diff.removed).toMatchObject([{ task: { id: 'T-2' }, tombstone: { reason: 'nobody buys', movedTo: null } }])
  })
})

describe('editPlan', () => {
  it('touches nothing but what it is told', () => {
    const text = editPlan(plan, {
      version: { major: 0, minor: 2, patch: 0 },
      date: '2026-03-04',
      ticks: new Map([['T-2', true]]),
      marks: new Map([[1, 'done']]),
    })
    const expected = TEXT.replaceAll('0.1', '0.2')
      .replaceAll('2026-01-01', '2026-03-04')
      .replace('[ ] T-2', '[x] T-2')
      .replace('⏳', '✅')
    expect(text).toBe(expected)
  })

  it('keeps CRLF', () => {
    const crlf = parsePlan(TEXT.replaceAll('\n', '\r\n'), PATH)
    expect(editPlan(crlf, { version: { major: 0, minor: 2, patch: 0 } })).toBe(
      TEXT.replaceAll('0.1', '0.2').replaceAll('\n', '\r\n'),
    )
  })
})

describe('bumpPlan', () => {
  it('raises Z for an edit and renames the file', () => {
    const result = bumpPlan(plan, 'edit', '2026-02-02')
    expect(result).toMatchObject({
      ok: true,
      moves: [{ from: PATH, to: 'DEV_MAN/active/plan_v0.1.1.md' }],
      version: { major: 0, minor: 1, patch: 1 },
    })
    const after = result.ok ? parsePlan(result.writes[0]?.text ?? '', result.writes[0]?.path) : plan
    expect(after.versionClaims.map((claim) => formatVersion(claim.version))).toEqual(['0.1.1', '0.1.1', '0.1.1'])
    expect(after.date).toBe('2026-02-02')
    expect(hashPlan(after)).toBe(hashPlan(plan))
  })

  it('raises Y for a finished phase, drops Z and moves the marks on', () => {
    const done = parsePlan(
      TEXT.replace('[ ] T-2', '[x] T-2').replaceAll('0.1', '0.1.4'),
      'DEV_MAN/active/plan_v0.1.4.md',
    )
    const result = bumpPlan(done, 'phase', '2026-02-02')
    expect(result).toMatchObject({ ok: true, moves: [{ to: 'DEV_MAN/active/plan_v0.2.md' }] })
    expect(result.ok && result.writes[0]?.text).toContain('Cart ✅')
    expect(result.ok && result.writes[0]?.text).toContain('Delivery ⏳')
  })

  it.each([
    [
      'a phase when none is finished',
      parsePlan('# Plan v0.1\n## Phase 1\n- [ ] T-1 a\n', PATH),
      'has no finished phase',
    ],
    ['a plan without a version', parsePlan('# Plan\n', 'DEV_MAN/active/notes.md'), 'names no version'],
  ])('refuses %s', (_, refused, part) => {
    const result = bumpPlan(refused, 'phase', '2026-02-02')
    expect(result).toMatchObject({ ok: false, problem: expect.stringContaining(part) })
  })

  it.each([
    ['nothing', TEXT, null],
    ['a tick', TEXT.replace('- [ ] T-3', '- [x] T-3'), null],
    ['the last tick of a phase', TEXT.replace('- [ ] T-2', '- [x] T-2'), 'phase'],
    ['an edit', TEXT.replace('Put', 'Lay'), 'edit'],
    ['an edit with the last tick', TEXT.replace('- [ ] T-2 Put', '- [x] T-2 Lay'), 'phase'],
    ['other phases', TEXT.replace('Phase 1', 'Phase 7').replace('Phase 2', 'Phase 8'), 'replace'],
  ])('chooses the step after %s', (_, text, step) => {
    expect(suggestStep(plan, parsePlan(text, PATH))).toBe(step)
  })
})

describe('completePlan', () => {
  it('archives the plan and begins the next with what was deferred', () => {
    const done = parsePlan(
      TEXT.replaceAll('- [ ]', '- [x]').replace(
        '- [x] T-3 Print {depends: T-2}',
        '- [ ] T-3 Print {depends: T-2; deferred: no printer}',
      ),
      PATH,
    )
    const result = completePlan(done, { title: 'Shop', today: '2026-03-01' })
    expect(result).toMatchObject({ ok: true, moves: [{ from: PATH, to: 'DEV_MAN/completed/plan_v0.1.md' }] })
    expect(result.ok && result.writes).toEqual([
      {
        path: 'DEV_MAN/active/plan_v1.0.md',
        text: '# Shop — Plan v1.0 (2026-03-01)\n\n## Phase 1 – Begin\n\n- [ ] T-3 Print {depends: T-2}\n',
      },
    ])
  })

  it('refuses while a task is neither done nor deferred', () => {
    expect(completePlan(plan, { title: 'Shop', today: '2026-03-01' })).toEqual({
      ok: false,
      problem:
        'DEV_MAN/active/plan_v0.1.md (v0.1) still has open tasks: T-2, T-3, "a box without an id"; tick them or write {deferred: reason} behind them',
    })
  })
})
