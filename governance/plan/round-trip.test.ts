import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editPlan } from './edit.ts'
import { hashPlan } from './hash.ts'
import { parsePlan } from './parse.ts'
import type { Plan } from './plan.ts'
import { renderPlan } from './render.ts'

const RUNS = { numRuns: 1000 }
const PATH = 'DEV_MAN/active/plan_v0.1.md'

const word = fc.stringMatching(/^[\p{L}\p{N}*_`~[\](){}<>|#,.;:"'→—✅-]{1,8}$/u)
const words = fc.array(word, { minLength: 1, maxLength: 5 }).map((all) => all.join(' '))
const glob = fc.constantFrom('src/**', 'a/*.ts', '{a,b}/**', '"my dir/**"', '**/x', 'docs/ä.md')
const scope = fc.oneof(
  fc.constant(''),
  fc
    .tuple(
      fc.array(glob, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '; depends: T-1', '; cites: ADR-3', '; deferred: no time', '; nonsense: 1'),
    )
    .map(([globs, more]) => ` {paths: ${globs.join(', ')}${more}}`),
)
const evidence = fc.constantFrom('', ' (#12)', ' [log](https://ci/1)', ' https://ci/2', ' ✅')
const item = fc
  .tuple(
    fc.constantFrom('- [ ] ', '- [x] ', '* [X] ', '1. [ ] ', '- '),
    fc.constantFrom('', 'T-1 ', 'T-22 ', '**T-3** ', '~~T-4~~ → T-1 '),
    words,
    scope,
    evidence,
  )
  .map((parts) => parts.join(''))
const line = fc.oneof(
  { weight: 4, arbitrary: item },
  { weight: 1, arbitrary: words },
  fc.constantFrom(
    '',
    '## Phase 1 – A',
    '## ✅ Phase 2: B',
    '### Notes',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '```\n- [ ] T-9 code\n```',
    '  - [ ] sub',
    '  - paths: lib/**',
    '  - Evidence: https://ci/3',
    '> quote',
    '---',
  ),
)
const anyText = fc
  .tuple(
    fc.constantFrom('', '\uFEFF', '---\nversion: 0.1\n---\n'),
    fc.array(line, { maxLength: 20 }),
    fc.constantFrom('\n', '\r\n'),
  )
  .map(([head, lines, end]) => `${head}# Plan v0.1\n\n## Phase 1 – A\n\n${lines.join('\n')}`.replaceAll('\n', end))

function meaning(plan: Plan) {
  const tasks = plan.tasks.map(({ place, line: _, ...task }) => ({ ...task, braces: place.braces }))
  return {
    ...plan,
    source: '',
    free: [],
    datePlaces: [],
    versionPlaces: [],
    problems: plan.problems.map((problem) => problem.code),
    tasks,
    phases: plan.phases.map(({ number, title, state }) => ({ number, title, state })),
    tombstones: plan.tombstones.map(({ line: _, ...tombstone }) => tombstone),
    versionClaims: plan.versionClaims.map(({ line: _, ...claim }) => claim),
  }
}

describe('a plan', () => {
  it('is the same after render and parse, and rendering that changes nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const plan = parsePlan(text, PATH)
        const rendered = renderPlan(plan)
        const again = parsePlan(rendered, PATH)
        expect(meaning(again)).toEqual(meaning(plan))
        expect(hashPlan(again)).toBe(hashPlan(plan))
        expect(renderPlan(again)).toBe(rendered)
      }),
      RUNS,
    )
  })

  it('keeps its hash when boxes are ticked', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, done) => {
        const plan = parsePlan(text, PATH)
        const ticks = new Map(plan.tasks.flatMap((task) => (task.id === null ? [] : [[task.id, done] as const])))
        const ticked = parsePlan(editPlan(plan, { ticks }), PATH)
        expect(hashPlan(ticked)).toBe(hashPlan(plan))
        expect(ticked.tasks.filter((task) => task.id !== null).every((task) => task.done === done)).toBe(true)
      }),
      RUNS,
    )
  })

  it('is read from any text without a throw, with problems at lines that exist', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), anyText), (text) => {
        const plan = parsePlan(text, PATH)
        const lines = text.split(/\r\n|\r|\n/u).length
        for (const problem of plan.problems) expect(problem.line).toBeLessThanOrEqual(lines)
      }),
      RUNS,
    )
  })

  it.each(['master-plan-v1.md', 'plan-v0.1.md'])('keeps %s word for word', (name) => {
    const text = readFileSync(new URL(`__fixtures__/${name}`, import.meta.url), 'utf8')
    expect(renderPlan(parsePlan(text))).toBe(`${text.trimEnd()}\n`)
  })
})
