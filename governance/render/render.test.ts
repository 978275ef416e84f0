import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { describe, expect, it } from 'vitest'
import { parsePolicyFile } from '../../config/parse-policy-file.ts'
import { configWithoutFile, defaultConfig } from '../../config/resolved-config.ts'
import { commitSha } from '../../ports/ids.ts'
import { canarySnapshot } from '../canaries.ts'
import { evaluate } from '../evaluate.ts'
import { HEAD_SHA, healthySnapshot, person, withHeadPlan } from '../healthy-snapshot.ts'
import { notVisibleHere, type Snapshot, seen } from '../snapshot.ts'
import type { RuleVerdict, Verdict } from '../verdict.ts'
import { checkJson } from './check-json.ts'
import { renderBrokenPolicy, renderCheckRun } from './check-run.ts'
import { escapeMarkdown } from './escape.ts'
import { renderSarif } from './sarif.ts'
import { renderTerminal } from './terminal.ts'
import { renderWorkflowCommands } from './workflow-commands.ts'
import { sarifProblems } from '../../ports/contracts/sarif.contract.ts'

const config = defaultConfig()
const place = { headSha: commitSha.parse(HEAD_SHA), detailsUrl: 'https://devloop.example/verdicts/1' }
const healthy = healthySnapshot(config)

/** A change with a bit of everything: an edited plan, an approval that does not count, a warning, a waiver, something unseen. */
function mixed(): Snapshot {
  const edited = withHeadPlan(healthy, (text) => text.replace('Check out', 'Check out and pay'))
  return {
    ...edited,
    reviews: seen([
      {
        id: 1,
        reviewer: person('ada'),
        state: 'APPROVED',
        commitSha: HEAD_SHA,
        submittedAt: '2026-11-21T11:00:00Z',
        permission: 'admin',
      },
    ]),
    change: { ...edited.change, baseRef: 'main' },
    files: seen([
      { path: 'src/cart/add.ts', status: 'added' },
      { path: 'src/elsewhere.ts', status: 'added' },
    ]),
    waivers: seen([
      {
        rule: 'branch/target',
        headSha: HEAD_SHA,
        reason: 'urgent | really',
        by: 'root',
        permission: 'admin',
        at: '2026-11-21T11:10:00Z',
      },
    ]),
    open: notVisibleHere('this world sees no other pull requests'),
  }
}

const WORLDS: readonly (readonly [string, Verdict])[] = [
  ['green', evaluate(healthy, config)],
  ['mixed', evaluate(mixed(), config)],
  ['two-plans', evaluate(canarySnapshot('plan/one-active'), config)],
  ['no-policy', evaluate(mixed(), configWithoutFile())],
]

describe.each(WORLDS)('a verdict (%s)', (name, verdict) => {
  it('is a check run a maintainer understands', async () => {
    const wish = renderCheckRun(verdict, place)
    const actions = wish.actions.map((action) => `[${action.label}] ${action.description} (${action.identifier})`)
    const annotations = wish.annotations.map(
      (note) => `${note.level} ${note.path}:${note.startLine} ${note.title}: ${note.message}`,
    )
    const page = [
      `${wish.conclusion}: ${wish.title}`,
      wish.summary,
      wish.text,
      annotations.join('\n'),
      actions.join('\n'),
    ].join('\n\n---\n\n')
    await expect(`${page}\n`).toMatchFileSnapshot(`__golden__/check-run-${name}.golden.md`)
    for (const action of wish.actions) {
      expect(action.label.length).toBeLessThanOrEqual(20)
      expect(action.description.length).toBeLessThanOrEqual(40)
      expect(action.identifier.length).toBeLessThanOrEqual(20)
    }
  })

  it('is text for a terminal, with and without colours', async () => {
    const plain = renderTerminal(verdict, { colours: false })
    await expect(plain).toMatchFileSnapshot(`__golden__/terminal-${name}.golden.txt`)
    const coloured = renderTerminal(verdict, { colours: true })
    expect(coloured).toContain('\u001B[')
    expect(stripVTControlCharacters(coloured)).toBe(plain)
  })

  it('is workflow commands', async () => {
    await expect(renderWorkflowCommands(verdict)).toMatchFileSnapshot(`__golden__/commands-${name}.golden.txt`)
  })

  it('is JSON with the promised fields and no other', () => {
    const json = checkJson(verdict)
    expect(Object.keys(json)).toEqual(['conclusion', 'drift', 'rules', 'shortestPath', 'snapshotHash', 'policyHash'])
    const fields = new Set(json.rules.flatMap((rule) => Object.keys(rule)))
    for (const field of fields) expect(['id', 'level', 'status', 'message', 'where', 'remedy']).toContain(field)
    expect(json.rules).toHaveLength(25)
  })

  it('is SARIF whose results name known rules and real lines', () => {
    expect(sarifProblems(renderSarif(verdict))).toEqual([])
    const [run] = renderSarif(verdict).runs
    const known = new Set(run?.tool.driver.rules?.map((rule) => rule.id))
    const red = verdict.rules.filter((rule) => rule.status === 'fail' || rule.status === 'unknown')
    expect(new Set(run?.results?.map((result) => result.ruleId))).toEqual(new Set(red.map((rule) => rule.id)))
    for (const result of run?.results ?? []) {
      expect(known.has(result.ruleId ?? '')).toBe(true)
      for (const location of result.locations ?? [])
        expect(location.physicalLocation?.region?.startLine).toBeGreaterThan(0)
    }
  })
})

describe('renderBrokenPolicy', () => {
  it('fails with annotations on the file', async () => {
    const parsed = parsePolicyFile('governance:\n  rules:\n    plan/one-activ: block\nfleet: {maxPods: many}\n')
    const wish = renderBrokenPolicy(parsed.ok ? [] : parsed.problems, place)
    await expect(`${JSON.stringify(wish, null, 2)}\n`).toMatchFileSnapshot('__golden__/broken-policy.golden.json')
  })
})

describe('renderCheckRun', () => {
  it('stays below the limit of GitHub and counts what it left out', () => {
    const [, green] = WORLDS[0] ?? []
    const long: RuleVerdict = {
      id: 'plan/stale',
      level: 'block',
      status: 'fail',
      message: 'x|'.repeat(400),
      values: { all: 'y'.repeat(4000) },
      where: [],
      remedy: { kind: 'judgement', text: '*'.repeat(2000), who: 'z' },
      waived: null,
    }
    const verdict: Verdict = {
      ...(green as Verdict),
      conclusion: 'failure',
      rules: Array.from({ length: 200 }, () => long),
    }
    const { text = '', summary, title } = renderCheckRun(verdict, place)
    expect(text.length).toBeLessThan(65_535)
    expect(summary.length).toBeLessThan(65_535)
    expect(title.length).toBeLessThan(256)
    expect(text).toMatch(/\n\d+ more lines do not fit here; the details page has them all\.$/u)
  })
})

describe('escapeMarkdown', () => {
  it.each([
    ['a | b', 'a \\| b'],
    ['line\nbreak', 'line break'],
    ['@ada and <b>', '@\u2060ada and &lt;b&gt;'],
    ['`code | @ada`', '`code \\| @ada`'],
    ['[link](https://evil)', '\\[link\\](https:\u2060//evil)'],
    ['<!-- devloop:begin -->', '&lt;\\!-- devloop:begin --&gt;'],
    ['fixes #12', 'fixes \\#12'],
    ['one ` tick', 'one \\` tick'],
    ['\u202Eturned\u001B[31m', 'turned\\[31m'],
  ])('shows %j as it is', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected)
  })

  it('is read by Markdown as words and code alone, in one cell', () => {
    const signs = fc.constantFrom(
      '`',
      '``',
      '|',
      '@',
      '<',
      '>',
      '\n',
      'a',
      '\\',
      '[',
      ']',
      '(b)',
      '!',
      ' ',
      '*',
      '_',
      '~~',
      '<!--',
      'https://x.y',
      'www.x.y',
      '&lt;',
    )
    fc.assert(
      fc.property(fc.string({ unit: signs }), (text) => {
        const table = `| a | b |\n|---|---|\n| x ${escapeMarkdown(text)} | end |`
        const tree = fromMarkdown(table, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
        const [only] = tree.children
        const rows = only?.type === 'table' ? only.children : []
        expect([tree.children.length, rows.length, rows[1]?.children.length]).toEqual([1, 2, 2])
        const nodes = rows[1]?.children[0]?.children ?? []
        expect(nodes.filter((node) => node.type !== 'text' && node.type !== 'inlineCode')).toEqual([])
        const words = nodes.map((node) => (node.type === 'text' ? node.value : '')).join(' ')
        expect(words).not.toMatch(/@(?!\u2060)/u)
      }),
      { numRuns: 2000 },
    )
  })
})
