import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hashPlan } from './hash.ts'
import { parsePlan } from './parse.ts'
import type { Plan } from './plan.ts'
import { formatVersion } from './version.ts'

function fixture(name: string): string {
  return readFileSync(new URL(`__fixtures__/${name}`, import.meta.url), 'utf8')
}

function outline(plan: Plan) {
  return {
    version: plan.version && formatVersion(plan.version),
    date: plan.date,
    phases: plan.phases.map(({ number, title, state, line }) => [number, state, title, line]),
    problems: plan.problems,
  }
}

function planWith(...lines: string[]): Plan {
  return parsePlan(['# Plan v0.1', '## Phase 1 – A', ...lines].join('\n'), 'DEV_MAN/active/plan_v0.1.md')
}

describe('parsePlan', () => {
  it('reads the master plan: phases from its roadmap, version from its title', () => {
    expect(outline(parsePlan(fixture('master-plan-v1.md')))).toEqual({
      version: '1.0',
      date: '2025-08-02',
      phases: [
        [0, 'done', 'Planning artefacts committed', 117],
        [1, 'current', 'Controller skeleton & first pod spin-up (test pod running: jizx51pkriengc)', 118],
        [2, 'open', 'Agent fork & integration test', 119],
        [3, 'open', 'Metrics dashboard & cost gate', 120],
        [4, 'open', 'n8n orchestration', 121],
      ],
      problems: [],
    })
  })

  it('reads the endpoint plan: phases from its headings, the current one from "YOU ARE HERE"', () => {
    const plan = parsePlan(fixture('plan-v0.1.md'), 'DEV_MAN/active/plan_v0.1.md')
    expect(plan.title).toBe('DevLoop Meta-Project — Plan v0.1 (2025-08-02)')
    expect(outline(plan)).toEqual({
      version: '0.1',
      date: '2025-08-02',
      phases: [
        [0, 'current', 'Environment & Knowledge Base', 9],
        [1, 'open', 'RunPod Endpoint & Cost Gate', 25],
        [2, 'open', 'LangChain Agent Integration', 42],
        [3, 'open', 'Tracking UI (Lightweight)', 55],
      ],
      problems: [],
    })
  })

  it.each([
    [
      'T-1 Build it {paths: a/**, b/*.ts; depends: T-001; cites: ADR-3}',
      { id: 'T-1', text: 'Build it', paths: ['a/**', 'b/*.ts'], depends: ['T-001'], cites: ['ADR-3'] },
    ],
    ['T-1 Globs {paths: a/**, b/**, **/c}', { paths: ['a/**', 'b/**', '**/c'] }],
    ['T-1 Alternatives {paths: {a,b}/**, "my dir/x;y"}', { paths: ['{a,b}/**', 'my dir/x;y'] }],
    ['**T-1** Bold `{paths: a}`', { id: 'T-1', text: 'Bold', paths: ['a'] }],
    ['T-1: Colon', { id: 'T-1', text: 'Colon' }],
    [
      'T-1 Shown {paths: a} (#12) [log](https://ci/1)',
      { text: 'Shown', evidence: ['(#12)', '[log](https://ci/1)'], issues: [12] },
    ],
    ['T-1 Shown — https://ci/1 ✅', { text: 'Shown', evidence: ['https://ci/1'] }],
    ['T-1 Later (deferred: no GPU)', { text: 'Later', deferred: 'no GPU' }],
    ['T-1 Later {deferred: no GPU; paths: a}', { text: 'Later', deferred: 'no GPU', paths: ['a'] }],
    ['T-1 Known by issue {issues: #7, 8}', { issues: [7, 8] }],
    ['Say hello to UTF-8', { id: null, text: 'Say hello to UTF-8' }],
    ['T-1 Wrapped\n      over lines {paths: a}', { text: 'Wrapped over lines', paths: ['a'] }],
    ['T-1 Not a scope {just words}', { text: 'Not a scope {just words}', paths: [] }],
  ])('reads the task "%s"', (line, expected) => {
    const plan = planWith(`- [ ] ${line}`)
    expect(plan.problems).toEqual([])
    expect(plan.tasks).toMatchObject([{ done: false, phase: 1, line: 3, ...expected }])
  })

  it('reads scope, evidence and steps from sub-items, and tasks below grouping items', () => {
    const plan = planWith(
      '1. Group',
      '   - [x] T-2 Do',
      '     - [ ] a step',
      '     - paths: src/**',
      '     - Evidence: https://ci/1',
    )
    expect(plan.tasks).toMatchObject([
      { id: 'T-2', done: true, paths: ['src/**'], subItems: [{ text: 'a step', done: false }] },
    ])
  })

  it('reads tombstones', () => {
    const plan = planWith(
      '- [x] ~~T-104~~ → T-110 ✅ (#9)',
      '- ~~T-105 Old words~~ (removed: nobody asked)',
      '- T-106 (removed: moved to ops)',
    )
    expect(plan.tasks).toEqual([])
    expect(plan.tombstones).toEqual([
      { id: 'T-104', movedTo: 'T-110', reason: null, line: 3 },
      { id: 'T-105', movedTo: null, reason: 'nobody asked', line: 4 },
      { id: 'T-106', movedTo: null, reason: 'moved to ops', line: 5 },
    ])
  })

  it.each([
    ['## Phase 3 - Plain hyphen', 3, 'Plain hyphen', 'current'],
    ['## ✅ Phase 3 — Mark before', 3, 'Mark before', 'done'],
    ['## 🚀 Phase 3: Rocket ⬜', 3, 'Rocket', 'current'],
    ['### 2.1 PHASE 3 ― Numbered', 3, 'Numbered', 'current'],
    ['Phase 3\n-------', 3, '', 'current'],
    ['## Phase 3 – **Bold** `code` ✔️', 3, 'Bold code', 'done'],
  ])('reads the phase heading "%s"', (heading, number, title, state) => {
    const plan = parsePlan(`# Plan v0.1\n\n${heading}\n\ntext\n`)
    expect(plan.phases).toMatchObject([{ number, title, state }])
  })

  it('takes a phase with open tasks for open whatever its mark says, and says so', () => {
    const plan = parsePlan('# Plan v0.1\n## Phase 1 ✅\n- [ ] T-1 a\n## Phase 2\n- [x] T-2 b\n', 'p.md')
    expect(plan.phases.map((phase) => phase.state)).toEqual(['current', 'done'])
    expect(plan.problems).toEqual([
      { path: 'p.md', line: 2, message: 'Phase 1 is marked done, but T-1 in line 3 is open', code: 'state' },
    ])
  })

  it.each([
    ['- [ ] T-1 a\n- [ ] T-1 b', 'duplicate-id', 4, 'T-1 stands here and in line 3; give one of them a new id'],
    ['## Phase 1 – Again', 'duplicate-phase', 3, 'Phase 1 has a heading already, in line 2; give it another number'],
    [
      '- [ ] T-1 a {path: src/**; depends: T-2}',
      'scope',
      3,
      '"path" is not a key of a task\'s scope; did you mean "paths"?',
    ],
    ['- [ ] T-1 a {paths: ../secret}', 'scope', 3, 'the path "../secret" leaves the repository'],
    [
      '## Notes\n- [ ] T-9 lost',
      'outside-phase',
      4,
      'T-9 stands outside of any phase; a task is a check box below a heading "Phase N"',
    ],
  ])('places the problem of %j', (lines, code, line, message) => {
    const path = 'DEV_MAN/active/plan_v0.1.md'
    expect(planWith(lines).problems).toEqual([{ path, line, message, code }])
  })

  it.each([
    ['---\nversion: latest\n---\n', 2, 'version is "latest", but must be X.Y or X.Y.Z'],
    ['---\na: 1\nupdated: soon\n---\n', 3, 'updated is "soon", but must be a date such as 2026-11-21'],
    ['---\na: &x 1\n---\n', 2, 'the anchor &x is not read here; write the value out'],
    ['---\n- a\n---\n', 2, 'the front matter must be a list of "key: value" lines'],
  ])('places the problem of the front matter %j', (text, line, message) => {
    expect(parsePlan(text).problems).toMatchObject([{ code: 'front-matter', line, message }])
  })

  it('lets the front matter win over prose, and keeps 0.10 apart from 0.1', () => {
    const plan = parsePlan(
      '---\nversion: 0.10\nphase: 2\nowners: [ada, bo]\nupdated: 2026-01-02\n---\n# Plan v0.9 (2025-01-01)\n## Phase 1\n## Phase 2\n',
    )
    expect(plan).toMatchObject({
      version: { major: 0, minor: 10, patch: 0 },
      owners: ['ada', 'bo'],
      date: '2026-01-02',
    })
    expect(plan.phases.map((phase) => phase.state)).toEqual(['open', 'current'])
    expect(plan.versionClaims.map((claim) => claim.by)).toEqual(['front matter', 'title'])
  })

  it('reads CRLF and a byte order mark as if they were not there', () => {
    const text = fixture('plan-v0.1.md')
    const plan = parsePlan(`\uFEFF${text.replaceAll('\n', '\r\n')}`)
    expect(hashPlan(plan)).toBe(hashPlan(parsePlan(text)))
    expect(outline(plan)).toEqual(outline(parsePlan(text)))
  })

  it('answers a plan that is far too long with a problem', () => {
    expect(parsePlan('x'.repeat(8_000_001)).problems).toMatchObject([{ code: 'unreadable', line: 1 }])
  })

  it('reads 10,000 tasks', () => {
    const tasks = Array.from(
      { length: 10_000 },
      (_, index) => `- [${index % 2 === 0 ? 'x' : ' '}] T-${index} Do ${index} {paths: src/${index}/**}`,
    )
    const plan = planWith(...tasks)
    expect(plan.tasks).toHaveLength(10_000)
    expect(plan.tasks[9_999]).toMatchObject({ id: 'T-9999', done: false, line: 10_002, paths: ['src/9999/**'] })
    expect(plan.problems).toEqual([])
  })
})
