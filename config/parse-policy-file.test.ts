import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from './parse-policy-file.ts'
import { defaultConfig } from './resolved-config.ts'

function problemsOf(text: string) {
  const result = parsePolicyFile(text)
  return result.ok ? [] : result.problems
}

const EXAMPLE = `version: 1
governance:
  rules:
    plan/one-active: block
  branches: {main: main, staging: dev, feature: 'phase-{phase}/{slug}', exempt: ['dependabot/**', 'release/**', 'hotfix/**']}
  reviews:  {approvals: 1, count: [human, senior-agent], seniorAgents: ['devloop[bot]'], agents: ['*[bot]'], independent: true}
  checks:   {require: all, ignore: []}
  plan:     {dir: DEV_MAN, owners: ['@org/maintainers'], allow: ['**/*.lock', 'package-lock.json'], staleDays: 21}
review:
  model: qwen3-coder:30b
  auto: false
  paths: {ignore: ['dist/**', '**/*.snap'], instructions: [{glob: 'db/**', text: 'Migrations must be reversible.'}]}
  architecture: docs/ARCHITECTURE.md
  maxFindings: 5
  minSeverity: medium
fleet:
  gpus: [NVIDIA GeForce RTX 4090]
  cloud: [SECURE, COMMUNITY]
  maxUsdPerHour: 0.80
  maxPods: 1
  idle: {policy: adaptive, maxMinutes: 10, spendTarget: 0.10}
budget:  {perJobUsd: 1, perDayUsd: 10, perMonthUsd: 100, perUserJobsPerDay: 20, perUserConcurrent: 2}
access:  {trigger: write, overrides: admin}
`

describe('parsePolicyFile', () => {
  it('reads the documented example', () => {
    const result = parsePolicyFile(EXAMPLE)
    expect(result.ok && result.config.governance.plan.owners).toEqual(['@org/maintainers'])
    expect(result.ok && result.config.review.paths.ignore).toEqual(['dist/**', '**/*.snap'])
  })

  it.each([
    ['an empty file', ''],
    ['comments alone', '# later\n'],
    ['a byte order mark and CRLF', '\uFEFFversion: 1\r\ngovernance:\r\n'],
    ['sections without lines', 'governance:\n  rules:\nfleet:\n  idle:\n'],
  ])('takes %s for the defaults', (_, text) => {
    expect(parsePolicyFile(text)).toEqual({ ok: true, config: defaultConfig() })
  })

  it('keeps `staging: null` as a wish', () => {
    const result = parsePolicyFile('governance: {branches: {staging: null}}')
    expect(result.ok && result.config.governance.branches.staging).toBeNull()
  })

  it.each([
    [
      'an unknown key',
      'governance:\n  rule:\n    plan/stale: off\n',
      2,
      3,
      'rules',
      '"rule" is not a known key in governance; did you mean "rules"?',
    ],
    [
      'an unknown rule',
      'governance:\n  rules:\n    plan/one-activ: off\n',
      3,
      5,
      'plan/one-active',
      'did you mean "plan/one-active"?',
    ],
    [
      'a rule without its room',
      'governance:\n  rules:\n    stale: off\n',
      3,
      5,
      'plan/stale',
      'did you mean "plan/stale"?',
    ],
    [
      'an unknown level',
      'governance:\n  rules:\n    plan/stale: blok\n',
      3,
      17,
      'block',
      'governance.rules.plan/stale is "blok"',
    ],
    ['a boolean level', 'governance: {rules: {plan/stale: false}}', 1, 34, undefined, 'is false'],
    ['a wrong type', 'fleet:\r\n  maxPods: two\r\n', 2, 12, undefined, 'fleet.maxPods is "two", but must be a number'],
    ['a number that is too big', 'review: {maxFindings: 51}', 1, 23, undefined, 'must be at most 50'],
    [
      'an entry of a list',
      'review:\n  paths:\n    ignore:\n      - a\n      - 5\n',
      5,
      9,
      undefined,
      'review.paths.ignore.1 is 5',
    ],
    ['a list at the top', '- a\n', 1, 1, undefined, 'but must be an object'],
  ])('places %s', (_, text, line, column, near, message) => {
    const [problem, ...rest] = problemsOf(text)
    expect(rest).toEqual([])
    expect(problem).toMatchObject({ line, column, ...(near === undefined ? {} : { nearest: near }) })
    expect(problem?.message).toContain(message)
  })

  it.each([
    ['an anchor', 'review: &a {auto: true}\n', 'anchor'],
    ['an alias bomb', 'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n', 'alias'],
    ['a merge key', 'review:\n  <<: {auto: true}\n', 'merge key'],
    ['a duplicate key', 'version: 1\nversion: 1\n', 'stands twice'],
    ['a tab', 'governance:\n\trules: {}\n', 'tab'],
    ['a tag', 'version: !!js/function "x"\n', 'tags'],
    ['two documents', 'version: 1\n---\nversion: 1\n', 'second document'],
    ['deep nesting', '['.repeat(200_000), 'nested too deeply'],
    ['5 MB', '#'.repeat(5_000_000), 'at most 262144'],
    ['a broken line', 'governance: [\n', 'not YAML'],
  ])('refuses %s with a sentence', (_, text, part) => {
    const messages = problemsOf(text).map((problem) => problem.message)
    expect(messages.join('\n')).toContain(part)
  })

  it('names every unknown key, in the order of the file', () => {
    const problems = problemsOf('fleett: {}\nreview: {modell: x}\nbudgets: {}\n')
    expect(problems.map((problem) => [problem.line, problem.nearest])).toEqual([
      [1, 'fleet'],
      [2, 'model'],
      [3, 'budget'],
    ])
  })

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json()), (text) => {
        const result = parsePolicyFile(text)
        if (!result.ok) for (const problem of result.problems) expect(problem.line).toBeGreaterThan(0)
      }),
      { numRuns: 1000 },
    )
  })
})
